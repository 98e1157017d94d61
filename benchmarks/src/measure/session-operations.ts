import type { StateStore } from "@snakepit/core";

/** The amount of work. */
export interface Workload {
  /** Concurrent loops, each of which awaits one operation before it begins the next. */
  readonly loops: number;
  /** Total operations of all loops. */
  readonly operations: number;
}

/** The result of a measurement. */
export interface OperationFigures {
  readonly perSecond: number;
  /** Milliseconds from the call of an operation to its continuation, including the turns of other loops. */
  readonly p99Ms: number;
}

/** How often each session is read, touched and written to. */
const ROUNDS = 3;
/** Milliseconds on a clock that advances by one with each session: the number of active sessions. */
const TTL_MS = 10_000;
/** Sessions created between two sweeps; few, so that no loop waits long for a sweep. */
const SWEEP_EVERY = 10;

/**
 * Creates sessions, reads, touches and writes to each, and lets them expire and be swept. The store should be empty; it
 * is not cleaned up.
 */
export async function sessionOperations(store: StateStore, workload: Workload): Promise<OperationFigures> {
  let time = Date.now();
  let made = 0;
  return await measure(workload, async (laps) => {
    while (laps.isGoing) {
      made += 1;
      time += 1;
      const id = `session-${made}`;
      let begin = performance.now();
      if (made % SWEEP_EVERY === 0) {
        await store.sweepSessions(time, SWEEP_EVERY);
        begin = laps.end(begin);
      }
      await store.createSession({ id, metadata: { user: "ada", turn: 0 }, ttlMs: TTL_MS }, time, 1_000_000);
      begin = laps.end(begin);
      for (let version = 1; version <= ROUNDS; version++) {
        await store.readSession(id);
        begin = laps.end(begin);
        await store.touchSessions([{ id, usedAt: time, lastWorker: "worker-1" }]);
        begin = laps.end(begin);
        await store.writeSession(id, { version, metadata: { user: "ada", turn: version }, ttlMs: TTL_MS }, time);
        begin = laps.end(begin);
      }
    }
  });
}

/** The floor under {@link sessionOperations}: the same loops, each awaiting one operation after the other. */
export async function bareOperations(workload: Workload, operation: () => Promise<unknown>): Promise<OperationFigures> {
  return await measure(workload, async (laps) => {
    let begin = performance.now();
    while (laps.isGoing) {
      await operation();
      begin = laps.end(begin);
    }
  });
}

/** The times of operations. */
class Laps {
  readonly #times: Float64Array;
  #count = 0;

  constructor(operations: number) {
    this.#times = new Float64Array(operations);
  }

  get isGoing(): boolean {
    return this.#count < this.#times.length;
  }

  get count(): number {
    return this.#count;
  }

  /** Records an operation that began at `began`; returns when it ended. */
  end(begin: number): number {
    const end = performance.now();
    this.#times[this.#count] = end - begin;
    this.#count += 1;
    return end;
  }

  p99Ms(): number {
    return this.#times.sort()[Math.floor(this.#times.length * 0.99)] ?? 0;
  }
}

async function measure(
  { loops, operations }: Workload,
  loop: (laps: Laps) => Promise<void>,
): Promise<OperationFigures> {
  const laps = new Laps(operations);
  const begin = performance.now();
  await Promise.all(Array.from({ length: loops }, () => loop(laps)));
  const perSecond = (laps.count / (performance.now() - begin)) * 1_000;
  return { perSecond, p99Ms: laps.p99Ms() };
}
