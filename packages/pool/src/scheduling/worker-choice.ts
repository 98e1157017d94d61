import type { Call, PoolWorker } from "../calls/call.ts";
import type { Prefetch } from "./prefetch.ts";

/** An item of {@link LoadBuckets}, and its links there, which only the buckets change. It is in one of them at most. */
export interface Bucketed<Worker extends Bucketed<Worker>> {
  bucket: number;
  previousWorker: Worker | undefined;
  nextWorker: Worker | undefined;
}

/**
 * Workers in buckets by load: finding the least loaded worker and updating a load take constant time. Among equally
 * loaded workers, the most recently used one comes first, since its caches are warm, and those that had no call yet
 * come last: the first call of a forked worker copies the memory that it writes to.
 */
export class LoadBuckets<Worker extends Bucketed<Worker>> {
  /** The number of workers. */
  size = 0;
  readonly #buckets: (Worker | undefined)[] = [];
  /** All buckets below this one are empty. */
  #lowest = 0;

  /** Returns the least loaded worker; `undefined` if no worker is in the buckets. */
  least(): Worker | undefined {
    if (this.size === 0) return undefined;
    let worker = this.#buckets[this.#lowest];
    while (worker === undefined) {
      this.#lowest += 1;
      worker = this.#buckets[this.#lowest];
    }
    return worker;
  }

  /** Adds a worker that is in no buckets: before equally loaded workers, or after them if it was not used yet. */
  put(worker: Worker, load: number, isUnused = false): void {
    while (this.#buckets.length <= load) this.#buckets.push(undefined);
    const next = this.#buckets[load];
    if (isUnused && next !== undefined) {
      this.#append(worker, next);
    } else {
      worker.nextWorker = next;
      if (next !== undefined) next.previousWorker = worker;
      this.#buckets[load] = worker;
    }
    worker.bucket = load;
    this.size += 1;
    if (load < this.#lowest) this.#lowest = load;
  }

  /** Removes a worker that these buckets contain. */
  take(worker: Worker): void {
    const { previousWorker, nextWorker } = worker;
    if (previousWorker === undefined) this.#buckets[worker.bucket] = nextWorker;
    else previousWorker.nextWorker = nextWorker;
    if (nextWorker !== undefined) nextWorker.previousWorker = previousWorker;
    worker.previousWorker = undefined;
    worker.nextWorker = undefined;
    worker.bucket = -1;
    this.size -= 1;
  }

  #append(worker: Worker, first: Worker): void {
    let last = first;
    while (last.nextWorker !== undefined) last = last.nextWorker;
    last.nextWorker = worker;
    worker.previousWorker = last;
  }
}

/** The workers that can take a call, and those to which one can be sent ahead. */
export class AvailableWorkers {
  readonly #prefetch: Prefetch;
  readonly #free = new LoadBuckets<PoolWorker>();
  readonly #ahead = new LoadBuckets<PoolWorker>();

  constructor(prefetch: Prefetch) {
    this.#prefetch = prefetch;
  }

  /** The number of workers that can take a call. */
  get size(): number {
    return this.#free.size;
  }

  /** Whether a worker can take a call. */
  has(worker: PoolWorker): boolean {
    return worker.standing === "free";
  }

  /** Returns the least loaded worker; `undefined` if none can take a call. */
  leastLoaded(): PoolWorker | undefined {
    return this.#free.least();
  }

  /** Returns the busy worker with the fewest calls to which one can be sent ahead; `undefined` if all are full. */
  leastAhead(): PoolWorker | undefined {
    return this.#ahead.least();
  }

  /** Must be called after the calls or the readiness of a worker have changed. */
  update(worker: PoolWorker): void {
    const held = worker.active.length + worker.ahead.length;
    const standing = this.#standingOf(worker);
    if (worker.standing === standing && (standing === "busy" || worker.bucket === held)) return;
    this.#bucketsOf(worker.standing)?.take(worker);
    worker.standing = standing;
    this.#bucketsOf(standing)?.put(worker, held, worker.requests === 0);
  }

  #standingOf(worker: PoolWorker): PoolWorker["standing"] {
    if (worker.accepting && worker.active.length < worker.handle.capacity) return "free";
    return this.#prefetch.hasRoom(worker) ? "has-room" : "busy";
  }

  #bucketsOf(standing: PoolWorker["standing"]): LoadBuckets<PoolWorker> | undefined {
    if (standing === "busy") return undefined;
    return standing === "free" ? this.#free : this.#ahead;
  }
}

/** The workers of a session. */
interface Entry {
  /** The worker of its last call. */
  last: PoolWorker | undefined;
  /** When the last call was dispatched, on the monotonic clock. */
  lastCallAt: number;
  /** The running workers that have received a call of the session. */
  readonly workers: PoolWorker[];
}

/**
 * Tracks the workers of each session. An entry is removed with its session or its last worker; a worker that accepts no
 * further calls is never the last worker of a session.
 */
export class SessionWorkers {
  readonly #available: AvailableWorkers;
  readonly #entries = new Map<string, Entry>();

  constructor(available: AvailableWorkers) {
    this.#available = available;
  }

  /**
   * Returns the worker for a call: the last worker of its session, otherwise `other`, which is available. In the strict
   * modes the worker may be busy.
   */
  workerFor<Other extends PoolWorker | undefined>(call: Call, other: Other): PoolWorker | Other {
    if (call.sessionId === undefined) return other;
    const last = this.lastWorker(call.sessionId);
    if (last === undefined) return other;
    return call.affinity === "hint" && !this.#available.has(last) ? other : last;
  }

  /** Returns the worker of the last call of a session; `undefined` if that worker accepts no further calls. */
  lastWorker(sessionId: string): PoolWorker | undefined {
    const last = this.#entries.get(sessionId)?.last;
    return last?.accepting === true ? last : undefined;
  }

  /** Returns every running worker that has received a call of a session. */
  workers(sessionId: string): readonly PoolWorker[] {
    return this.#entries.get(sessionId)?.workers ?? [];
  }

  /** Returns the IDs of sessions and of their last workers, for at most `limit` sessions. */
  lastWorkers(limit: number): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [sessionId, { last }] of this.#entries.entries().take(limit)) {
      if (last?.accepting === true) found[sessionId] = last.handle.workerId;
    }
    return found;
  }

  /** Returns when the last call of a session was dispatched. */
  lastCallAt(sessionId: string): number | undefined {
    return this.#entries.get(sessionId)?.lastCallAt;
  }

  /** Records the dispatch of a session's call to a worker. */
  record(sessionId: string, worker: PoolWorker, now: number): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) {
      this.#entries.set(sessionId, { last: worker, lastCallAt: now, workers: [worker] });
    } else {
      entry.lastCallAt = now;
      if (entry.last === worker) return;
      entry.last = worker;
      if (!worker.sessions.has(sessionId)) entry.workers.push(worker);
    }
    worker.sessions.add(sessionId);
  }

  /** Removes a session and returns its workers. */
  endSession(sessionId: string): readonly PoolWorker[] {
    const workers = this.workers(sessionId);
    this.#entries.delete(sessionId);
    for (const worker of workers) worker.sessions.delete(sessionId);
    return workers;
  }

  /** Removes a worker. */
  endWorker(worker: PoolWorker): void {
    for (const sessionId of worker.sessions) {
      const entry = this.#entries.get(sessionId);
      if (entry === undefined) continue;
      entry.workers.splice(entry.workers.indexOf(worker), 1);
      if (entry.last === worker) entry.last = undefined;
      if (entry.workers.length === 0) this.#entries.delete(sessionId);
    }
    worker.sessions.clear();
  }
}
