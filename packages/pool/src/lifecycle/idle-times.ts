import type { PoolWorker } from "../calls/call.ts";

interface Observation {
  readonly requests: number;
  readonly since: number;
}

/**
 * Determines since when workers have had no call, from observations at intervals, so that calls have no overhead. A
 * worker counts as idle from the first observation that finds it without a call since the observation before.
 */
export class IdleTimes {
  readonly #observations = new WeakMap<PoolWorker, Observation>();

  /** Observes a worker, and returns the milliseconds for which it has been idle; 0 if it is not. */
  observe(worker: PoolWorker, now: number): number {
    const last = this.#observations.get(worker);
    if (worker.load === 0 && last?.requests === worker.requests) return now - last.since;
    this.#observations.set(worker, { requests: worker.load === 0 ? worker.requests : -1, since: now });
    return 0;
  }

  /** Begins the idle time of a worker again. */
  restart(worker: PoolWorker, now: number): void {
    this.#observations.set(worker, { requests: worker.requests, since: now });
  }
}
