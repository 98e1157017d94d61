import type { EventName, SnakepitEvents } from "@snakepit/core";

/** The counters of a pool. */
interface PoolCount {
  readonly ready: Set<string>;
  missing: number;
  restarts: number;
}

/** Counts the workers of each pool from events, because an SDK may be set up after the workers are ready. */
export class PoolCounts {
  readonly #pools = new Map<string, PoolCount>();

  record<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    if (name === "worker.ready") this.#ready(event as SnakepitEvents["worker.ready"]);
    else if (name === "worker.exited") this.#exited(event as SnakepitEvents["worker.exited"]);
  }

  /** Yields each pool with its ready workers and the workers that replaced one that ended unexpectedly. */
  *pools(): Iterable<{ readonly pool: string; readonly workers: number; readonly restarts: number }> {
    for (const [pool, { ready, restarts }] of this.#pools) yield { pool, workers: ready.size, restarts };
  }

  #ready({ pool, workerId }: SnakepitEvents["worker.ready"]): void {
    let count = this.#pools.get(pool);
    if (count === undefined) {
      count = { ready: new Set(), missing: 0, restarts: 0 };
      this.#pools.set(pool, count);
    }
    count.ready.add(workerId);
    if (count.missing === 0) return;
    count.missing -= 1;
    count.restarts += 1;
  }

  #exited({ pool, workerId, exit }: SnakepitEvents["worker.exited"]): void {
    const count = this.#pools.get(pool);
    if (count?.ready.delete(workerId) && !exit.requested) count.missing += 1;
  }
}
