/**
 * What sessions cost in a store: operations a second, and the time that all but the slowest hundredth of them take, beside
 * the floor of bare promises. Alone, for the store in memory:
 * `node --conditions=source packages/sessions/benchmarks/stores.ts`. {@link sessionOperations} measures any other store.
 */
import type { StateStore } from "@snakepit/core";
import { MemoryStore } from "@snakepit/sessions";

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

/** The floor under {@link sessionOperations}: the same loops, awaiting something that has nothing to do. */
export async function bareOperations(workload: Workload): Promise<OperationFigures> {
  const nothing = async (id: string) => id;
  return await measure(workload, async (laps) => {
    let begin = performance.now();
    while (laps.isGoing) {
      await nothing("session");
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

if (import.meta.main) {
  const show = (what: string, { perSecond, p99Ms }: OperationFigures, floor: OperationFigures) => {
    const ratio = `${((perSecond / floor.perSecond) * 100).toFixed(0)} % of ${rounded(floor.perSecond)}`;
    const figures = `${rounded(perSecond).padStart(10)}/s  p99 ${p99Ms.toFixed(4)} ms`;
    console.log(`${what.padEnd(34)} ${figures}  ${ratio}, p99 ${floor.p99Ms.toFixed(4)} ms`);
  };
  const rounded = (perSecond: number) => Math.round(perSecond).toLocaleString("en");
  const inMemory = async (workload: Workload) => {
    const store = new MemoryStore();
    const figures = await sessionOperations(store, workload);
    await store.close();
    return figures;
  };
  const warmUp = { loops: 64, operations: 200_000 };
  await bareOperations(warmUp);
  await inMemory(warmUp);
  for (const loops of [1, 64]) {
    const workload = { loops, operations: 2_000_000 };
    show(`memory, ${loops} at once`, await inMemory(workload), await bareOperations(workload));
  }
}
