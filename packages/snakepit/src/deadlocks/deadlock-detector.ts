import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { PoolOccupancy, WorkerPool } from "@snakepit/pool";
import { type Deadlock, findDeadlock } from "./wait-for-graph.ts";

/**
 * Milliseconds between the queueing of a nested call and the first check. By then most such calls have a worker, and a
 * tool that does not wait for its call has continued.
 */
const GRACE_MS = 100;
/**
 * Longest time in milliseconds between checks while a nested call waits. A deadlock may also arise without a new call
 * in the queue, when a worker is lost or does not start.
 */
const LONGEST_PAUSE_MS = 1_000;

/** Breaks deadlocks: rejects a call that waits for a worker that becomes free only when the call itself ends. */
export class DeadlockDetector {
  readonly #pools: ReadonlyMap<string, WorkerPool>;
  readonly #unwatch: (() => void)[];
  /** The next check; `undefined` while no nested call waits. */
  #next: { readonly delayMs: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(pools: ReadonlyMap<string, WorkerPool>) {
    this.#pools = pools;
    this.#unwatch = Array.from(pools.values(), (pool) => pool.onQueued(() => this.#checkSoon()));
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    clearTimeout(this.#next?.timer);
  }

  #checkSoon(): void {
    if (this.#next === undefined || this.#next.delayMs > GRACE_MS) this.#checkIn(GRACE_MS);
  }

  #checkIn(delayMs: number): void {
    clearTimeout(this.#next?.timer);
    this.#next = { delayMs, timer: setTimeout(() => this.#check(delayMs), delayMs) };
  }

  #check(waitedMs: number): void {
    this.#next = undefined;
    const occupancies = new Map(Array.from(this.#pools, ([name, pool]) => [name, pool.occupancy()]));
    const deadlock = findDeadlock(occupancies);
    if (deadlock !== undefined) {
      this.#pools.get(deadlock.pool)?.reject(deadlock.call.correlationId, deadlockError(deadlock));
      // Another deadlock may exist, and the tool that receives the error may retry the call.
      this.#checkIn(GRACE_MS);
    } else if (occupancies.values().some(hasNestedCalls)) {
      this.#checkIn(Math.min(2 * waitedMs, LONGEST_PAUSE_MS));
    }
  }
}

/** Returns whether a nested call is queued. */
function hasNestedCalls({ queued }: PoolOccupancy): boolean {
  return queued.some(({ parent }) => parent !== undefined);
}

function deadlockError({ pool, call }: Deadlock): SnakepitError {
  const chain = toolsOf(call.parent).reverse();
  const { throttledTool } = call;
  if (throttledTool !== undefined) {
    return new SnakepitError(
      "POOL_SATURATED",
      `deadlock: a call made by ${chain.join(" → ")} waits in pool "${pool}" until fewer calls of tool "${throttledTool}" run (maxConcurrent), and each of these waits for this call or for another one in the same deadlock; increase maxConcurrent, or make the calls in sequence from outside the tools`,
      { pool, callId: call.correlationId, details: { deadlock: chain } },
    );
  }
  return new SnakepitError(
    "POOL_SATURATED",
    `deadlock: a call made by ${chain.join(" → ")} waits in pool "${pool}" for a worker, and each of these workers executes a call that waits for this call or for another one in the same deadlock; increase the size of the pool, or make the calls in sequence from outside the tools`,
    { pool, callId: call.correlationId, details: { deadlock: chain } },
  );
}

function toolsOf(lineage: CallLineage): string[] {
  const tools: string[] = [];
  for (let each: CallLineage | undefined = lineage; each !== undefined; each = each.parent) tools.push(each.tool);
  return tools;
}
