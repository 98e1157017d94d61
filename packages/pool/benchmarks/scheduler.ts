/**
 * What the pool itself costs, on workers that answer in the next microtask: calls a second by number of workers and by
 * length of the queue, and chunks a second. Alone: `node --conditions=source packages/pool/benchmarks/scheduler.ts`.
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
import { type PoolCall, WorkerPool } from "@snakepit/pool";

const ARGS: EncodedValue = { body: new Uint8Array(16), buffers: [], byteLength: 16 };
const VALUE = { is: "value", value: 42 } as const;
const END = { is: "end" } as const;
const TOOLS: readonly ToolDescriptor[] = [
  { name: "echo", description: "", parameters: [], streaming: false },
  { name: "count", description: "", parameters: [], streaming: true },
];

/** Answers all that was dispatched in one turn together, as a connection does that delivers a batch. */
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

async function startedPool(workers: number, queueLimit: number, chunks = 0): Promise<WorkerPool> {
  const pool = new WorkerPool(
    {
      name: "bench",
      size: workers,
      batchSize: workers,
      batchDelayMs: 0,
      queueLimit,
      queueTimeoutMs: 60_000,
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

/** Calls a second with `callers` that each wait for their answer before they call again. */
export async function callsPerSecond(
  workers: number,
  callers: number,
  calls: number,
  signal?: AbortSignal,
): Promise<number> {
  const pool = await startedPool(workers, callers);
  let left = calls;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await pool.execute(request("echo", signal));
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - begin) / 1_000;
  await pool.close();
  return calls / seconds;
}

/** Chunks a second of one stream. */
export async function chunksPerSecond(chunks: number): Promise<number> {
  const pool = await startedPool(1, 0, chunks);
  let seen = 0;
  const begin = performance.now();
  for await (const _ of pool.stream(request("count"))) seen += 1;
  const seconds = (performance.now() - begin) / 1_000;
  await pool.close();
  if (seen !== chunks) throw new Error(`${seen} of ${chunks} chunks arrived`);
  return chunks / seconds;
}

if (import.meta.main) {
  const show = (what: string, perSecond: number) =>
    console.log(`${what.padEnd(44)} ${Math.round(perSecond).toLocaleString("en").padStart(12)}/s`);
  await callsPerSecond(10, 64, 300_000);
  for (const workers of [1, 10, 100, 1_000]) {
    show(`calls, ${workers} workers, as many callers`, await callsPerSecond(workers, workers, 1_000_000));
  }
  for (const queued of [0, 100, 10_000, 100_000]) {
    show(`calls, 100 workers, ${queued} queued`, await callsPerSecond(100, 100 + queued, 1_000_000));
  }
  show("calls, 10 workers, one AbortSignal", await callsPerSecond(10, 20, 1_000_000, new AbortController().signal));
  await chunksPerSecond(200_000);
  show("chunks, 1 stream", await chunksPerSecond(2_000_000));
}
