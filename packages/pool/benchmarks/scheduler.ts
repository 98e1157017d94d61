/**
 * Measures the overhead of the pool with workers that answer in the next microtask: calls per second by number of workers,
 * length of the queue and number of sessions, compared with the floor of bare promises, and chunks per second. To run it alone:
 * `node --conditions=source packages/pool/benchmarks/scheduler.ts`.
 */
import {
  type CallObserver,
  type DispatchedCall,
  deadlineIn,
  type EncodedValue,
  type ToolDescriptor,
  type WorkerCall,
  type WorkerExit,
  type WorkerHandle,
  type WorkerLauncher,
} from "@snakepit/core";
import { type Affinity, type PoolCall, WorkerPool } from "@snakepit/pool";

const ARGS: EncodedValue = { body: new Uint8Array(16), buffers: [], byteLength: 16 };
const VALUE = { is: "value", value: 42 } as const;
const END = { is: "end" } as const;
const TOOLS: readonly ToolDescriptor[] = [
  { name: "echo", description: "", parameters: [], streaming: false },
  { name: "count", description: "", parameters: [], streaming: true },
];

/** Answers all calls of one turn together, like a connection that delivers a batch. */
class InstantWorkers implements WorkerLauncher {
  readonly chunks: number;
  #due: CallObserver[] = [];
  #spare: CallObserver[] = [];

  constructor(chunks: number) {
    this.chunks = chunks;
  }

  async launch({ workerId }: { readonly workerId: string }): Promise<WorkerHandle> {
    return new InstantWorker(workerId, this);
  }

  async close(): Promise<void> {}

  answer(observer: CallObserver): void {
    if (this.#due.length === 0) queueMicrotask(this.#flush);
    this.#due.push(observer);
  }

  readonly #flush = (): void => {
    const due = this.#due;
    this.#due = this.#spare;
    for (const observer of due) observer.settled(VALUE);
    due.length = 0;
    this.#spare = due;
  };
}

const ACCEPTED: DispatchedCall = { cancel() {}, grant() {} };

class InstantWorker implements WorkerHandle {
  readonly workerId: string;
  readonly pid = 1;
  readonly capacity = 1;
  readonly tools = TOOLS;
  readonly vitals = undefined;
  readonly exited: Promise<WorkerExit>;
  readonly #workers: InstantWorkers;
  #exit!: (exit: WorkerExit) => void;

  constructor(workerId: string, workers: InstantWorkers) {
    this.workerId = workerId;
    this.#workers = workers;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  dispatch(call: WorkerCall, observer: CallObserver): DispatchedCall {
    if (call.streaming) return new InstantStream(call.credit, this.#workers.chunks, observer);
    this.#workers.answer(observer);
    return ACCEPTED;
  }

  endSession(): void {}

  invalidate(): void {}

  stop(): Promise<WorkerExit> {
    this.#exit({ requested: true, exitCode: 0, stderrTail: "" });
    return this.exited;
  }
}

class InstantStream implements DispatchedCall {
  readonly #observer: CallObserver;
  #credit = 0;
  #left: number;

  constructor(credit: number, chunks: number, observer: CallObserver) {
    this.#left = chunks;
    this.#observer = observer;
    this.grant(credit);
  }

  grant(credit: number): void {
    if (this.#credit === 0) queueMicrotask(this.#flush);
    this.#credit += credit;
  }

  cancel(): void {}

  readonly #flush = (): void => {
    const sending = Math.min(this.#credit, this.#left);
    this.#credit = 0;
    this.#left -= sending;
    for (let i = 0; i < sending; i++) this.#observer.chunk(i, 64);
    if (this.#left === 0) this.#observer.settled(END);
  };
}

async function startedPool(
  workers: number,
  queueLimit: number,
  chunks = 0,
  affinity: Affinity = "hint",
): Promise<WorkerPool> {
  const pool = new WorkerPool(
    {
      name: "bench",
      size: workers,
      batchSize: workers,
      batchDelayMs: 0,
      queueLimit,
      queueTimeoutMs: 60_000,
      affinity,
      startTimeoutMs: 10_000,
      shutdownGraceMs: 0,
      cancelGraceMs: 1_000,
      restart: { maxRestarts: 0, withinMs: 1_000 },
      backoff: { initialMs: 100, maxMs: 1_000 },
    },
    new InstantWorkers(chunks),
  );
  pool.start();
  await pool.ready();
  return pool;
}

function request(tool: string, signal?: AbortSignal): PoolCall {
  return { tool, args: ARGS, deadline: deadlineIn(30_000), correlationId: "bench", signal };
}

/** Returns the calls per second of `callers` that each await one call at a time. */
export async function callsPerSecond(
  workers: number,
  callers: number,
  calls: number,
  signal?: AbortSignal,
): Promise<number> {
  const pool = await startedPool(workers, callers);
  const perSecond = await rate(callers, calls, () => pool.execute(request("echo", signal)));
  await pool.close();
  return perSecond;
}

/** Returns the same for calls that rotate through sessions. */
export async function sessionCallsPerSecond(
  workers: number,
  callers: number,
  calls: number,
  sessions: number,
  affinity: Affinity,
): Promise<number> {
  const pool = await startedPool(workers, callers, 0, affinity);
  const ids = Array.from({ length: sessions }, (_, index) => `session-${index}`);
  let made = 0;
  const perSecond = await rate(callers, calls, () => {
    made += 1;
    return pool.execute({ ...request("echo"), sessionId: ids[made % sessions] });
  });
  await pool.close();
  return perSecond;
}

/**
 * Returns the floor of {@link callsPerSecond}: the same callers on bare promises, `atOnce` of which resolve in each
 * microtask, in order of arrival. The cost of a long queue here (memory that survives collections) applies to any pool.
 */
export async function promisesPerSecond(atOnce: number, callers: number, calls: number): Promise<number> {
  const waiting: ((value: unknown) => void)[] = [];
  let first = 0;
  let due = false;
  const flush = () => {
    due = false;
    const last = Math.min(first + atOnce, waiting.length);
    for (; first < last; first++) waiting[first]?.(42);
    if (first > 100_000) {
      waiting.splice(0, first);
      first = 0;
    }
    if (first < waiting.length) flushSoon();
  };
  const flushSoon = () => {
    if (!due) queueMicrotask(flush);
    due = true;
  };
  return await rate(callers, calls, () => {
    const { deadline } = request("echo");
    return new Promise((resolve) => {
      if (deadline > 0) waiting.push(resolve);
      flushSoon();
    });
  });
}

/** Returns the calls per second of `callers` that each await one call at a time. */
async function rate(callers: number, calls: number, call: () => Promise<unknown>): Promise<number> {
  let left = calls;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (calls / (performance.now() - begin)) * 1_000;
}

/** Returns the chunks per second of one stream. */
export async function chunksPerSecond(chunks: number): Promise<number> {
  const pool = await startedPool(1, 0, chunks);
  let seen = 0;
  const begin = performance.now();
  for await (const _ of pool.stream(request("count"))) seen += 1;
  const perSecond = (chunks / (performance.now() - begin)) * 1_000;
  await pool.close();
  if (seen !== chunks) throw new Error(`${seen} of ${chunks} chunks arrived`);
  return perSecond;
}

if (import.meta.main) {
  const show = (what: string, perSecond: number, floor?: number) => {
    const ratio =
      floor === undefined ? "" : `  ${((perSecond / floor) * 100).toFixed(0).padStart(3)} % of ${rounded(floor)}`;
    console.log(`${what.padEnd(40)} ${rounded(perSecond).padStart(12)}/s${ratio}`);
  };
  const rounded = (perSecond: number) => Math.round(perSecond).toLocaleString("en");
  await promisesPerSecond(10, 64, 300_000);
  await callsPerSecond(10, 64, 300_000);
  for (const workers of [1, 10, 100, 1_000]) {
    const floor = await promisesPerSecond(workers, workers, 2_000_000);
    show(`${workers} workers, none queued`, await callsPerSecond(workers, workers, 2_000_000), floor);
  }
  for (const queued of [100, 1_000, 10_000, 100_000]) {
    const floor = await promisesPerSecond(100, 100 + queued, 2_000_000);
    show(`100 workers, ${queued} queued`, await callsPerSecond(100, 100 + queued, 2_000_000), floor);
  }
  for (const affinity of ["hint", "strict-queue"] as const) {
    show(`100 workers, 1000 sessions, ${affinity}`, await sessionCallsPerSecond(100, 200, 2_000_000, 1_000, affinity));
  }
  show("10 workers, one AbortSignal", await callsPerSecond(10, 20, 2_000_000, new AbortController().signal));
  await chunksPerSecond(200_000);
  show("chunks of one stream", await chunksPerSecond(4_000_000));
}
