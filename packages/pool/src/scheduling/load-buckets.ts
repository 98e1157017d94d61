/** A worker in {@link LoadBuckets}. Only the buckets change these links. */
export interface Bucketed<Worker extends Bucketed<Worker>> {
  /** The buckets that contain the worker, if any. */
  buckets: LoadBuckets<Worker> | undefined;
  bucket: number;
  previousWorker: Worker | undefined;
  nextWorker: Worker | undefined;
}

/**
 * Workers in buckets by load: finding the least loaded worker and updating a load take constant time. Among equally
 * loaded workers, the most recently used one comes first, since its caches are warm. A worker is in at most one
 * `LoadBuckets`.
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

  /** Adds a worker that is in no buckets. */
  put(worker: Worker, load: number): void {
    while (this.#buckets.length <= load) this.#buckets.push(undefined);
    const next = this.#buckets[load];
    worker.nextWorker = next;
    if (next !== undefined) next.previousWorker = worker;
    this.#buckets[load] = worker;
    worker.buckets = this;
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
    worker.buckets = undefined;
    worker.bucket = -1;
    this.size -= 1;
  }
}
