import type { StateStore } from "@snakepit/core";

/** How much is done. */
export interface Workload {
  /** Loops at once, each of which waits for one operation before it begins the next. */
  readonly loops: number;
  /** Operations of all loops together. */
  readonly operations: number;
}

/** What came of it. */
export interface OperationFigures {
  readonly perSecond: number;
  /** Milliseconds from the call of an operation to the turn of who awaits it; with many loops at once, their turns too. */
  readonly p99Ms: number;
}

/** Times that one session is read, touched and written to. */
const ROUNDS = 3;
/** Milliseconds of a clock that advances by one with each session: so many are alive at a time. */
const TTL_MS = 10_000;
/** Sessions that are made between two sweeps; few, so that none of the other loops waits long for a sweep. */
const SWEEP_EVERY = 10;

/**
 * Makes sessions, reads, touches and writes to each, and leaves them to expire and be swept. The store should be empty;
 * what is there at the end stays there.
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

  /** Notes an operation that began then, and says when it ended. */
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
