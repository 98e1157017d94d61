import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { WorkerPool } from "@snakepit/pool";
import {
  type CallOptions,
  type CallTrace,
  hostTool,
  type Instrumentation,
  python,
  type Session,
  Snakepit,
  type SnakepitConfig,
  SnakepitError,
} from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";
import { until } from "./processes.ts";
import type { RandomNumbers } from "./random-numbers.ts";

/** The maximum number of unanswered calls, except in a burst, which may fill the queue. */
const MAX_CALLS = 40;
const SESSIONS = 5;
const WORKERS = 3;

type Limits = Pick<CallOptions, "signal" | "timeoutMs" | "queueTimeoutMs" | "idempotent">;

/** A kind of call, and how often it is made in comparison with others. */
interface Kind {
  readonly weight: number;
  readonly call: (limits: Limits) => Promise<unknown>;
  /** Whether the call ends only when it is aborted or exceeds a time limit. */
  readonly hangs?: boolean;
}

/** Random calls on a host with real workers. {@link leftovers} lists what is not as it was before the calls. */
export class RandomCalls implements AsyncDisposable {
  readonly #pit: Snakepit;
  readonly #pools: readonly WorkerPool[];
  readonly #traces: CountedTraces;
  readonly #random: RandomNumbers;
  readonly #kinds: readonly Kind[];
  readonly #outcomes: Record<string, number> = {};
  readonly #unanswered = new Set<Promise<void>>();
  readonly #controllers = new Set<AbortController>();
  readonly #sessions: Session[] = [];
  #made = 0;
  #settled = 0;

  private constructor(pit: Snakepit, pools: readonly WorkerPool[], traces: CountedTraces, random: RandomNumbers) {
    this.#pit = pit;
    this.#pools = pools;
    this.#traces = traces;
    this.#random = random;
    this.#kinds = this.#allKinds();
  }

  /**
   * Starts a host.
   *
   * @param pools the pools of the host, whose internal lists are compared as well.
   */
  static async start(
    config: Partial<SnakepitConfig>,
    pools: readonly WorkerPool[],
    random: RandomNumbers,
  ): Promise<RandomCalls> {
    const traces = new CountedTraces();
    const pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      cancelGraceMs: 300,
      restart: { maxRestarts: 1_000_000 },
      backoff: { initialMs: 1, maxMs: 1 },
      poison: { crashes: 0 },
      tools: { limited: { maxConcurrent: 1 } },
      worker: python(new URL("random_call_tools.py", import.meta.url)),
      size: WORKERS,
      queueLimit: MAX_CALLS,
      instrumentation: traces,
      ...config,
    });
    const again = ({ value }: { readonly value?: unknown }) => pit.execute("echo", { value });
    pit.hostTools.register([hostTool({ name: "again", description: "Calls a tool.", run: again })]);
    await pit.ready();
    return new RandomCalls(pit, pools, traces, random);
  }

  /** The number of calls by outcome: `value` or the code of the error. */
  get outcomes(): Readonly<Record<string, number>> {
    return { calls: this.#made, crashes: this.#pit.stats().crashed, ...this.#outcomes };
  }

  /** Makes calls, and resolves when all have ended and the pool has recovered. */
  async run(calls: number): Promise<void> {
    while (this.#made < calls) {
      await this.#step(this.#random.next());
      if (this.#unanswered.size >= MAX_CALLS) await Promise.race(this.#unanswered);
    }
    await Promise.all(this.#unanswered);
    await Promise.all(this.#sessions.map((session) => session.close()));
    await until("the pool has recovered", () => {
      const { workers, available, starting } = this.#pit.stats();
      return workers === WORKERS && available === WORKERS && starting === 0;
    });
  }

  /** Returns every counter and list that is not zero or empty, although no call is left. */
  leftovers(): string[] {
    const found: string[] = [];
    const expect = (what: string, value: unknown, expected: unknown = 0) => {
      if (value !== expected) found.push(`${what}: ${String(value)} instead of ${String(expected)}`);
    };
    const { queued, active, busy, starting, workers, available, size, requests } = this.#pit.stats();
    for (const [what, value] of Object.entries({ queued, active, busy, starting })) expect(what, value);
    for (const [what, value] of Object.entries({ workers, available, size })) expect(what, value, WORKERS);
    for (const { id, load, sessions, state, activity } of this.#pit.workers()) {
      expect(`the load of ${id}`, load);
      expect(`the sessions of ${id}`, sessions);
      expect(`the state of ${id}`, `${state}, ${activity}`, "ready, idle");
    }
    for (const pool of this.#pools) {
      const occupancy = pool.occupancy();
      for (const list of ["running", "queued", "limits"] as const) expect(`${list} calls`, occupancy[list].length);
      expect("whether the pool is full", occupancy.full, false);
    }
    expect("unsettled calls", this.#made - this.#settled);
    expect("calls without an end", this.#traces.started - this.#traces.ended);
    expect("calls that ended again", this.#traces.endedAgain);
    expect("whether the pool has counted all calls", requests >= this.#traces.started, true);
    return found;
  }

  /** Makes one call after another, as many as there are workers at the same time: each worker still answers. */
  async answersAfterwards(): Promise<boolean> {
    const values = Array.from({ length: 10 * WORKERS }, (_, value) => value);
    const answers = await Promise.all(values.map((value) => this.#pit.execute("echo", { value })));
    return answers.every((answer, index) => answer === index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pit.close();
  }

  #allKinds(): readonly Kind[] {
    const random = this.#random;
    const run = (tool: string, args: () => object) => (limits: Limits) => this.#pit.execute(tool, args(), limits);
    const seconds = (atMost: number) => () => ({ seconds: random.next() * atMost });
    const value = () => ({ value: random.below(1_000) });
    return [
      { weight: 300, call: run("echo", value) },
      { weight: 90, call: run("work", seconds(0.003)) },
      { weight: 40, call: run("work_async", seconds(0.003)) },
      { weight: 40, call: run("limited", seconds(0.002)) },
      { weight: 60, call: run("fail", value) },
      { weight: 10, call: run("unsendable", () => ({})) },
      { weight: 70, call: (limits) => this.#stream(limits) },
      { weight: 60, call: (limits) => this.#inSession(limits) },
      { weight: 40, call: run("nest", value) },
      { weight: 20, call: run("hang", () => ({})), hangs: true },
      { weight: 10, call: run("hang_async", () => ({})), hangs: true },
      { weight: 8, call: run("ignore", seconds(0.05)) },
      { weight: 1, call: run("ignore", () => ({ seconds: 600 })), hangs: true },
      { weight: 8, call: run("leave", () => ({})) },
      { weight: 6, call: run("die", () => ({ name: "SIGSEGV" })) },
      { weight: 6, call: run("die", () => ({ name: "SIGKILL" })) },
    ];
  }

  async #step(chance: number): Promise<void> {
    if (chance < 0.75) this.#call();
    else if (chance < 0.85) this.#random.pick([...this.#controllers])?.abort();
    else if (chance < 0.86) await this.#changeSessions();
    else if (chance < 0.861) for (let call = 0; call < MAX_CALLS; call++) this.#call();
    else if (chance < 0.97) await nextTurn();
    else await sleep(this.#random.below(4));
  }

  #call(): void {
    const random = this.#random;
    const kind = this.#kindAt(random.next());
    const controller = new AbortController();
    if (random.next() < 0.01) controller.abort();
    const limit = random.next();
    const limits: Limits = {
      signal: controller.signal,
      ...((kind.hangs === true || limit < 0.2) && { timeoutMs: 1 + random.below(40) }),
      ...(limit > 0.9 && { queueTimeoutMs: 1 + random.below(20) }),
    };
    this.#made += 1;
    this.#controllers.add(controller);
    const settle = (outcome: string) => {
      this.#settled += 1;
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
      this.#controllers.delete(controller);
    };
    const ended = kind.call(limits).then(
      () => settle("value"),
      (error: unknown) => {
        if (!(error instanceof SnakepitError)) throw error;
        settle(error.code);
      },
    );
    const unanswered = ended.then(() => void this.#unanswered.delete(unanswered));
    this.#unanswered.add(unanswered);
  }

  #kindAt(share: number): Kind {
    let rest = share * this.#kinds.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = this.#kinds.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    return chosen as Kind;
  }

  /** Reads a stream to its end or an exception, or leaves it after some chunks. */
  async #stream({ signal, timeoutMs, queueTimeoutMs }: Limits): Promise<void> {
    const random = this.#random;
    const to = random.below(60);
    const leftAfter = random.next() < 0.5 ? random.below(60) : Number.POSITIVE_INFINITY;
    const [tool, args] = random.next() < 0.7 ? ["count", { to, fails: random.next() < 0.2 }] : ["count_async", { to }];
    let read = 0;
    for await (const _ of this.#pit.stream(tool as string, args as object, { signal, timeoutMs, queueTimeoutMs })) {
      read += 1;
      if (read > leftAfter) break;
    }
  }

  async #inSession(limits: Limits): Promise<void> {
    const session = this.#random.pick(this.#sessions);
    const affinity = this.#random.next() < 0.2 ? { affinity: "strict-queue" as const } : {};
    const args = { value: this.#random.below(100) };
    await (session?.execute("echo", args, { ...limits, ...affinity }) ?? this.#pit.execute("echo", args, limits));
  }

  async #changeSessions(): Promise<void> {
    if (this.#sessions.length < SESSIONS) this.#sessions.push(await this.#pit.session());
    else await this.#sessions.splice(this.#random.below(SESSIONS), 1)[0]?.close();
  }
}

/** Counts the calls that the host has begun and ended. */
class CountedTraces implements Instrumentation {
  started = 0;
  ended = 0;
  endedAgain = 0;

  emit(): void {}

  startCall(): CallTrace {
    this.started += 1;
    let hasEnded = false;
    return {
      traceparent: undefined,
      dispatched: () => {},
      ended: () => {
        if (hasEnded) this.endedAgain += 1;
        else this.ended += 1;
        hasEnded = true;
      },
    };
  }
}
