import type { WorkerPool } from "@snakepit/pool";
import { circleError } from "./circle-error.ts";
import { findCircle } from "./find-circle.ts";

/**
 * Milliseconds between a call on behalf of another being queued and the look whether it can ever get a worker. Most such
 * calls have got theirs by then, and a tool that does not wait for its call has gone on.
 */
const GRACE_MS = 100;

/** Breaks circles: calls that wait for a worker which only their own end can free fail. */
export class CircleWatch {
  readonly #pools: ReadonlyMap<string, WorkerPool>;
  readonly #unwatch: (() => void)[];
  #timer: NodeJS.Timeout | undefined;

  constructor(pools: ReadonlyMap<string, WorkerPool>) {
    this.#pools = pools;
    this.#unwatch = Array.from(pools.values(), (pool) => pool.onQueued(() => this.#lookSoon()));
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    clearTimeout(this.#timer);
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => this.#look(), GRACE_MS);
  }

  #look(): void {
    this.#timer = undefined;
    const circle = findCircle(new Map(Array.from(this.#pools, ([name, pool]) => [name, pool.occupancy()])));
    if (circle === undefined) return;
    this.#pools.get(circle.pool)?.reject(circle.call.correlationId, circleError(circle));
    // There may be another one; and when the tool that gets the error calls again, there will be.
    this.#lookSoon();
  }
}
