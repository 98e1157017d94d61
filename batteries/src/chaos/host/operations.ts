import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { type CallOptions, type PoolChoice, type Snakepit, SnakepitError } from "snakepit";
import type { Finding } from "../checks.ts";
import { eventually, signalProcess, until } from "../processes.ts";
import { Random } from "../random.ts";
import { Baseline } from "./baseline.ts";
import { CallLedger, type LedgerSummary } from "./call-ledger.ts";
import { cancelCalls, type StormSpec } from "./cancellation-storm.ts";
import { Load, type LoadSpec } from "./load.ts";
import { type HostSetup, startHost } from "./setup.ts";
import { type FloodResult, type FloodSpec, readSlowly } from "./stream-flood.ts";

/** The outcome of one call, also of one that failed. */
export interface CallOutcome {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** The state of the workers of a host. */
export interface WorkersReport {
  readonly pids: readonly number[];
  readonly state: string;
  /** Workers that crashed, hung or were killed because of a call. */
  readonly crashed: number;
  /** Attempts to start a worker that failed. */
  readonly failedStarts: number;
  /** Answers of all pools so far. */
  readonly answers: number;
}

/** What a scenario can request of the process of a host. The parent calls these methods over IPC. */
export class HostOperations {
  #pit: Snakepit | undefined;
  readonly #ledger = new CallLedger();
  #load: Load | undefined;
  #baseline: Baseline | undefined;
  #failedStarts = 0;
  #answers = 0;
  readonly #held: number[] = [];
  #isHolding = false;
  #isOpen = false;

  constructor() {
    this.#ledger.onAnswer(() => {
      this.#answers += 1;
      return false;
    });
  }

  /** Whether a host was started, and not closed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Starts the host. Resolves with the milliseconds until it was ready. */
  async start(setup: HostSetup): Promise<number> {
    const startedAt = performance.now();
    this.#isOpen = true;
    this.#pit = await startHost(setup);
    this.#pit.on("worker.start-failed", () => {
      this.#failedStarts += 1;
    });
    // The end of a worker releases descriptors.
    this.#pit.on("worker.exited", () => this.#isHolding && this.takeDescriptors());
    await this.#pit.ready();
    return performance.now() - startedAt;
  }

  /** Starts a host that must fail to start. Resolves with the error. */
  async failToStart(setup: HostSetup): Promise<CallOutcome> {
    try {
      this.#pit = await startHost(setup);
      return { value: "started" };
    } catch (thrown) {
      return outcomeOf(thrown);
    }
  }

  /** Starts and closes a host a number of times. Resolves with the milliseconds of each round. */
  async startAndStop(setup: HostSetup, rounds: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const pit = await startHost(setup);
      await pit.execute("answer", { value: round });
      await pit.close();
      times.push(performance.now() - startedAt);
      // The first rounds open descriptors and create objects that stay.
      if (round === 4) this.#baseline = await Baseline.take(undefined);
    }
    return times;
  }

  /** Makes calls of all kinds, then measures descriptors and memory, to which {@link settled} compares. */
  async warmUp(): Promise<void> {
    const { pit } = this;
    for (const { name } of pit.workers().map(({ pool }) => ({ name: pool }))) {
      for (let value = 0; value < 50; value++) await pit.execute("answer", { value }, { pool: name });
      for await (const _ of pit.stream("count", { to: 50 }, { pool: name }));
    }
    this.#baseline = await Baseline.take(pit);
  }

  /** Starts callers, in addition to those that are active. */
  load(spec: LoadSpec, seed: number): void {
    this.#load ??= new Load(this.pit, this.#ledger, new Random(seed, "load"));
    this.#load.start(spec);
  }

  /** Resolves when the load has this many more answers. */
  async moreAnswers(count: number, timeoutMs?: number): Promise<void> {
    const target = this.#answers + count;
    await until(`${count} more answers`, () => this.#answers >= target, timeoutMs);
  }

  /** Starts a new measurement of the longest time without an answer. */
  startGap(): void {
    this.#ledger.startGap();
  }

  /** Returns the calls of the load so far. */
  summary(): LedgerSummary {
    return this.#ledger.summary;
  }

  /** Stops the load. Resolves when all its calls have settled, or after a minute. */
  async stopLoad(): Promise<LedgerSummary> {
    const stopped = this.#load?.stop();
    this.#load = undefined;
    await eventually(() => this.#ledger.summary.unsettled === 0);
    if (this.#ledger.summary.unsettled === 0) await stopped;
    return this.#ledger.summary;
  }

  async execute(
    tool: string,
    args: Record<string, unknown> = {},
    options: CallOptions & PoolChoice = {},
  ): Promise<CallOutcome> {
    try {
      return { value: await this.pit.execute(tool, args, options) };
    } catch (thrown) {
      return outcomeOf(thrown);
    }
  }

  /**
   * Opens sessions, all at the same time, with the variable that the tool `visit` counts in. Opens the connections of
   * the store, which stay.
   */
  async openSessions(ids: readonly string[]): Promise<void> {
    const sessions = await Promise.all(ids.map((id) => this.pit.session(id, { ttlMs: "1h" })));
    await Promise.all(sessions.map(({ variables }) => variables.register("visits", { type: "integer", value: 0 })));
  }

  workers(pool?: string): WorkersReport {
    const { pit } = this;
    const stats = pool === undefined ? pit.stats() : pit.stats(pool);
    return {
      pids: pit.workers(pool).map(({ pid }) => pid),
      state: "state" in stats ? stats.state : "",
      crashed: stats.crashed,
      failedStarts: this.#failedStarts,
      answers: this.#answers,
    };
  }

  /** Resolves when more starts of workers have failed. */
  async failedStartsAbove(count: number): Promise<void> {
    await until("a start of a worker fails", () => this.#failedStarts > count);
  }

  /** Resolves when all workers of a pool, or of all pools, can take calls, and none of them is one of `not`. */
  async whole(pool?: string, not: readonly number[] = []): Promise<void> {
    const { pit } = this;
    await until("the pool has all its workers", () => {
      const { size, starting } = pool === undefined ? pit.stats() : pit.stats(pool);
      const workers = pit.workers(pool);
      return (
        starting === 0 &&
        workers.filter(({ state }) => state === "ready").length >= size &&
        !workers.some(({ pid }) => not.includes(pid))
      );
    });
  }

  /**
   * Kills one worker after another, each at a random moment. Resolves with the milliseconds from each kill to the next
   * answer from another worker.
   */
  async killWorkers(pool: string, kills: number, seed: number): Promise<readonly number[]> {
    const random = new Random(seed, pool);
    const times: number[] = [];
    // The host may still consider a killed worker ready.
    const killed = new Set<number>();
    const ready = () => this.pit.workers(pool).filter(({ state, pid }) => state === "ready" && !killed.has(pid));
    while (times.length < kills) {
      await new Promise((resolve) => setTimeout(resolve, random.next() * 20));
      await until("a worker is ready", () => ready().length > 0);
      const victim = random.one(ready()).pid;
      killed.add(victim);
      const killedAt = performance.now();
      if (!signalProcess(victim, "SIGKILL")) continue;
      await new Promise<void>((resolve) => {
        this.#ledger.onAnswer((kind, value) => {
          if (!kind.endsWith(`@${pool}`) || !Array.isArray(value) || value[1] === victim) return false;
          times.push(performance.now() - killedAt);
          resolve();
          return true;
        });
      });
    }
    return times;
  }

  /** Replaces every worker, all at the same time. Resolves with the milliseconds that it took. */
  async recycleAll(): Promise<number> {
    const startedAt = performance.now();
    await Promise.all(this.pit.workers().map(({ id }) => this.pit.recycle(id)));
    return performance.now() - startedAt;
  }

  /** Reads streams slowly, many at a time. */
  readSlowly(spec: FloodSpec, seed: number): Promise<FloodResult> {
    return readSlowly(this.pit, this.#ledger, spec, new Random(seed, "flood"));
  }

  /** Makes calls and aborts them at random moments. */
  cancelCalls(spec: StormSpec, seed: number): Promise<void> {
    return cancelCalls(this.pit, this.#ledger, spec, new Random(seed, "storm"));
  }

  /** Writes to a file until the disk is full. Returns the bytes that were written. */
  fillDisk(path: string): number {
    const file = openSync(path, "w");
    let written = 0;
    try {
      for (const size of [4_096, 1]) {
        try {
          for (;;) written += writeSync(file, Buffer.alloc(size));
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== "ENOSPC") throw thrown;
        }
      }
    } finally {
      closeSync(file);
    }
    return written;
  }

  removeFile(path: string): void {
    rmSync(path);
  }

  /** Opens descriptors until the limit of the process, now and each time that a worker ends. Returns their number. */
  takeDescriptors(): number {
    this.#isHolding = true;
    try {
      for (;;) this.#held.push(openSync("/dev/null", "r"));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EMFILE") throw thrown;
    }
    return this.#held.length;
  }

  releaseDescriptors(): void {
    this.#isHolding = false;
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }

  /** Checks what must hold when no call is active. */
  async settled(): Promise<readonly Finding[]> {
    const { unsettled, settledTwice } = this.#ledger.summary;
    const findings: Finding[] = [
      { what: "every promise has settled", holds: unsettled === 0, detail: `${unsettled} pending` },
      { what: "no promise has settled twice", holds: settledTwice === 0, detail: `${settledTwice}` },
    ];
    if (this.#pit !== undefined) findings.push(...(await loadCounters(this.#pit)));
    if (this.#baseline !== undefined) findings.push(...(await this.#baseline.compare(this.#pit)));
    return findings;
  }

  /** Closes the host. The process then ends when its parent disconnects, unless a handle is left. */
  async close(): Promise<readonly Finding[]> {
    const pit = this.#pit;
    if (pit === undefined) return [];
    await pit.close();
    this.#isOpen = false;
    const { queued, active, workers } = pit.stats();
    const holds = queued + active + workers === 0;
    return [{ what: "a closed host has neither calls nor workers", holds, detail: JSON.stringify(pit.stats()) }];
  }

  private get pit(): Snakepit {
    if (this.#pit === undefined) throw new Error("the host was not started");
    return this.#pit;
  }
}

async function loadCounters(pit: Snakepit): Promise<readonly Finding[]> {
  const loads = () => pit.workers().map(({ load }) => load);
  const isIdle = () => {
    const { queued, active, busy } = pit.stats();
    return queued + active + busy === 0 && loads().every((load) => load === 0);
  };
  const holds = await eventually(isIdle, 60_000);
  const { queued, active, busy } = pit.stats();
  return [{ what: "load counters are zero", holds, detail: JSON.stringify({ queued, active, busy, loads: loads() }) }];
}

function outcomeOf(thrown: unknown): CallOutcome {
  if (!(thrown instanceof SnakepitError)) throw thrown;
  return { code: thrown.code, message: thrown.message };
}
