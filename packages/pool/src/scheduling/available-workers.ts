import type { PoolWorker } from "../calls/call.ts";

/**
 * The workers that can take a call, in buckets by load: finding the least loaded worker and updating a load take constant
 * time. Among equally loaded workers, the most recently used one comes first, since its caches are warm.
 */
export class AvailableWorkers {
  /** The number of available workers. */
  size = 0;
  readonly #buckets: (PoolWorker | undefined)[] = [];
  /** All buckets below this one are empty. */
  #lowest = 0;

  /** Whether a worker can take a call. */
  has(worker: PoolWorker): boolean {
    return worker.bucket !== -1;
  }

  /** Returns the least loaded worker; `undefined` if none can take a call. */
  leastLoaded(): PoolWorker | undefined {
    if (this.size === 0) return undefined;
    let worker = this.#buckets[this.#lowest];
    while (worker === undefined) {
      this.#lowest += 1;
      worker = this.#buckets[this.#lowest];
    }
    return worker;
  }

  /** Moves a worker to the bucket of its load, or out of all buckets. Must be called after its load or readiness changes. */
  update(worker: PoolWorker): void {
    const load = worker.active.length;
    const bucket = worker.accepting && load < worker.handle.capacity ? load : -1;
    if (bucket === worker.bucket) return;
    if (worker.bucket !== -1) this.#take(worker);
    if (bucket !== -1) this.#put(worker, bucket);
  }

  #put(worker: PoolWorker, bucket: number): void {
    while (this.#buckets.length <= bucket) this.#buckets.push(undefined);
    const next = this.#buckets[bucket];
    worker.nextWorker = next;
    if (next !== undefined) next.previousWorker = worker;
    this.#buckets[bucket] = worker;
    worker.bucket = bucket;
    this.size += 1;
    if (bucket < this.#lowest) this.#lowest = bucket;
  }

  #take(worker: PoolWorker): void {
    const { previousWorker, nextWorker } = worker;
    if (previousWorker === undefined) this.#buckets[worker.bucket] = nextWorker;
    else previousWorker.nextWorker = nextWorker;
    if (nextWorker !== undefined) nextWorker.previousWorker = previousWorker;
    worker.previousWorker = undefined;
    worker.nextWorker = undefined;
    worker.bucket = -1;
    this.size -= 1;
  }
}
