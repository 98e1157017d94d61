import type { PoolOccupancy, WorkerPool } from "@snakepit/pool";
import { circleError } from "./circle-error.ts";
import { findCircle } from "./wait-for-graph.ts";

/**
 * Milliseconds between a call on behalf of another being queued and the look whether it can ever get a worker. Most such
 * calls have got theirs by then, and a tool that does not wait for its call has gone on.
 */
const GRACE_MS = 100;
/**
 * The longest time between looks while such a call waits: a circle may come about without any call being queued, when a
 * worker is lost, or one that was to come does not start.
 */
const LONGEST_PAUSE_MS = 1_000;

/** Breaks circles: calls that wait for a worker which only their own end can free fail. */
export class CircleWatch {
  readonly #pools: ReadonlyMap<string, WorkerPool>;
  readonly #unwatch: (() => void)[];
  /** The next look; none while no call on behalf of another waits. */
  #next: { readonly delayMs: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(pools: ReadonlyMap<string, WorkerPool>) {
    this.#pools = pools;
    this.#unwatch = Array.from(pools.values(), (pool) => pool.onQueued(() => this.#lookSoon()));
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    clearTimeout(this.#next?.timer);
  }

  #lookSoon(): void {
    if (this.#next === undefined || this.#next.delayMs > GRACE_MS) this.#lookIn(GRACE_MS);
  }

  #lookIn(delayMs: number): void {
    clearTimeout(this.#next?.timer);
    this.#next = { delayMs, timer: setTimeout(() => this.#look(delayMs), delayMs) };
  }

  #look(waitedMs: number): void {
    this.#next = undefined;
    const occupancies = new Map(Array.from(this.#pools, ([name, pool]) => [name, pool.occupancy()]));
    const circle = findCircle(occupancies);
    if (circle !== undefined) {
      this.#pools.get(circle.pool)?.reject(circle.call.correlationId, circleError(circle));
      // There may be another one; and when the tool that gets the error calls again, there will be.
      this.#lookIn(GRACE_MS);
    } else if (occupancies.values().some(hasNestedCalls)) {
      this.#lookIn(Math.min(2 * waitedMs, LONGEST_PAUSE_MS));
    }
  }
}

/** Whether a call on behalf of another waits. */
function hasNestedCalls({ queued }: PoolOccupancy): boolean {
  return queued.some(({ parent }) => parent !== undefined);
}
