import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import {
  type CallTrace,
  type Instrumentation,
  python,
  Snakepit,
  type SnakepitConfig,
  SnakepitError,
} from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";
import { until } from "./processes.ts";
import { RandomNumbers } from "./random-numbers.ts";
import { JOURNAL_TOOLS, StartJournal } from "./start-journal.ts";

/** The codes of calls that are given up by the host, without an answer of a worker. */
const GIVEN_UP: ReadonlySet<string> = new Set(["CANCELLED", "DEADLINE_EXCEEDED", "QUEUE_TIMEOUT"]);
/** The maximum number of unanswered calls. */
const MAX_CALLS = 150;

/** A call of a soak. */
interface SoakCall {
  readonly name: string;
  readonly controller: AbortController;
  /** Whether the pool has counted it as running. */
  wasDispatched: boolean;
  /** When the host had given it up, in nanoseconds on the monotonic clock, if it did. */
  givenUpAt: bigint | undefined;
  /** The code of its error, or `answered`. */
  outcome: string | undefined;
}

/** Random operations on a host with real workers. {@link violations} compares the outcomes with the executions. */
export class PrefetchSoak implements AsyncDisposable {
  readonly pit: Snakepit;
  readonly #journal = new StartJournal();
  readonly #random: RandomNumbers;
  readonly #calls: SoakCall[] = [];
  readonly #unanswered = new Map<SoakCall, Promise<void>>();
  readonly #killed = new Set<number>();
  readonly #tracing: CallsTracing;
  #recycling: Promise<void> | undefined;

  private constructor(pit: Snakepit, tracing: CallsTracing, seed: number) {
    this.pit = pit;
    this.#tracing = tracing;
    this.#random = new RandomNumbers(seed);
  }

  static async start(config: Partial<SnakepitConfig>, seed: number): Promise<PrefetchSoak> {
    const tracing = new CallsTracing();
    const pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      restart: { maxRestarts: 1_000_000 },
      backoff: { initialMs: 1, maxMs: 1 },
      worker: python(JOURNAL_TOOLS),
      size: 3,
      instrumentation: tracing,
      ...config,
    });
    await pit.ready();
    return new PrefetchSoak(pit, tracing, seed);
  }

  /** Numbers of the soak so far, by outcome. */
  get summary(): Readonly<Record<string, number>> {
    const numbers: Record<string, number> = { calls: this.#calls.length, kills: this.#killed.size };
    for (const { outcome = "unanswered" } of this.#calls) numbers[outcome] = (numbers[outcome] ?? 0) + 1;
    numbers["sent ahead"] = this.#journal.entries.filter(({ permitAt }) => permitAt !== undefined).length;
    return numbers;
  }

  /** Executes operations, and resolves when all calls have ended. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.#step(this.#random.next());
      if (this.#unanswered.size > MAX_CALLS) await Promise.race(this.#unanswered.values());
    }
    await Promise.all(this.#unanswered.values());
    await this.#recycling;
    await until("the pool is idle", () => {
      const { queued, active, busy, workers, available } = this.pit.stats();
      return queued + active + busy === 0 && workers === 3 && available === 3;
    });
  }

  /** Compares the outcomes of the calls with their executions. */
  violations(): string[] {
    const violations: string[] = [];
    const runs = Map.groupBy(this.#journal.entries, ({ name }) => name);
    let crashed = 0;
    for (const call of this.#calls) {
      const { name, outcome, givenUpAt } = call;
      const [run, ...others] = runs.get(name) ?? [];
      if (others.length > 0) violations.push(`call ${name} ran ${1 + others.length} times`);
      if (outcome === "answered" && run === undefined) violations.push(`call ${name} was answered and never ran`);
      if (outcome === "WORKER_CRASHED") crashed += 1;
      else if (outcome !== "answered" && givenUpAt === undefined) violations.push(`call ${name} ended as ${outcome}`);
      if (givenUpAt === undefined || run === undefined) continue;
      // A call that was dispatched to a free worker has no permit; its worker may start it until it is cancelled.
      const isLate = run.permitAt === undefined ? !call.wasDispatched : run.permitAt > givenUpAt;
      if (isLate) violations.push(`call ${name} was started after it was given up (${outcome})`);
    }
    if (crashed > this.#killed.size) violations.push(`${this.#killed.size} kills have failed ${crashed} calls`);
    return violations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pit.close();
    this.#journal[Symbol.dispose]();
  }

  async #step(chance: number): Promise<void> {
    if (chance < 0.7) this.#call();
    else if (chance < 0.84) this.#random.pick([...this.#unanswered.keys()])?.controller.abort();
    else if (chance < 0.855) this.#kill();
    else if (chance < 0.87) this.#recycle();
    else if (chance < 0.94) await nextTurn();
    else await sleep(this.#random.below(4));
  }

  #call(): void {
    const name = String(this.#calls.length);
    const controller = new AbortController();
    const call: SoakCall = { name, controller, wasDispatched: false, givenUpAt: undefined, outcome: undefined };
    this.#calls.push(call);
    const seconds = this.#random.next() < 0.5 ? 0 : this.#random.next() * 0.003;
    const limit = this.#random.next();
    const limits = {
      ...(limit < 0.2 ? { timeoutMs: 1 + this.#random.below(20) } : {}),
      ...(limit >= 0.2 && limit < 0.35 ? { queueTimeoutMs: 1 + this.#random.below(20) } : {}),
    };
    // Short tools, long ones, and one that is usually short.
    const long = this.#random.next() < 0.5 ? "record_async" : "record_slowly";
    const tool = seconds === 0 || this.#random.next() < 0.05 ? "record" : long;
    const args = { journal: this.#journal.path, name, seconds };
    const made = this.#tracing.trace(call, () =>
      this.pit.execute(tool, args, { signal: controller.signal, ...limits }),
    );
    const ended = made.then(
      () => {
        call.outcome = "answered";
      },
      (error: unknown) => {
        call.outcome = error instanceof SnakepitError ? error.code : String(error);
      },
    );
    this.#unanswered.set(
      call,
      ended.then(() => void this.#unanswered.delete(call)),
    );
  }

  #kill(): void {
    const pid = this.#random.pick(this.pit.workers().filter(({ pid }) => !this.#killed.has(pid)))?.pid;
    if (pid === undefined) return;
    this.#killed.add(pid);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // A recycled worker has exited meanwhile.
    }
  }

  #recycle(): void {
    const id = this.#random.pick(this.pit.workers())?.id;
    if (id === undefined || this.#recycling !== undefined) return;
    const recycled = this.pit.recycle(id, { graceMs: "2m" }).catch((error: unknown) => {
      // The worker was killed before.
      if (!(error instanceof SnakepitError)) throw error;
    });
    this.#recycling = recycled.then(() => {
      this.#recycling = undefined;
    });
  }
}

/** Records when calls are dispatched and given up. */
class CallsTracing implements Instrumentation {
  #made: SoakCall | undefined;

  /** Traces the call that a function makes. */
  trace<Result>(call: SoakCall, make: () => Result): Result {
    this.#made = call;
    const result = make();
    if (this.#made !== undefined) throw new Error("the call was not admitted at once");
    return result;
  }

  emit(): void {}

  startCall(): CallTrace | undefined {
    const call = this.#made;
    this.#made = undefined;
    if (call === undefined) return undefined;
    return {
      traceparent: undefined,
      dispatched: () => {
        call.wasDispatched = true;
      },
      ended: (error) => {
        if (GIVEN_UP.has(error?.code ?? "")) call.givenUpAt = process.hrtime.bigint();
      },
    };
  }
}
