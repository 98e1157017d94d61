import type { PoolState } from "@snakepit/core";

/** Statistics of a pool. */
export interface PoolStats {
  readonly state: PoolState;
  /** Workers that the pool is to have. */
  readonly size: number;
  /** Workers that are alive: ready, draining or stopping; more than the size of the pool while one is being recycled. */
  readonly workers: number;
  /** Workers that would take a call now. */
  readonly available: number;
  /** Workers with at least one call. */
  readonly busy: number;
  /** Workers being started. */
  readonly starting: number;
  /** Calls waiting for a worker. */
  readonly queued: number;
  /** Calls that workers hold, given-up ones that they have not answered yet included. */
  readonly active: number;
  /** Calls made since the pool was created, refused ones included. */
  readonly requests: number;
  /** Calls that ended in an error, of whatever kind. */
  readonly errors: number;
  /** Calls that waited too long for a worker (`QUEUE_TIMEOUT`). */
  readonly queueTimeouts: number;
  /** Calls refused because the queue was full (`POOL_SATURATED`). */
  readonly saturated: number;
}

/** Statistics of one worker. */
export interface WorkerInfo {
  readonly id: string;
  readonly pid: number;
  readonly state: "ready" | "draining" | "stopping";
  /** Calls that it holds. */
  readonly load: number;
  /** Calls that it takes at once. */
  readonly capacity: number;
  /** Milliseconds since it became ready. */
  readonly ageMs: number;
  /** Calls given to it so far. */
  readonly requests: number;
  /** Sessions that it has been given calls of and that have not ended. */
  readonly sessions: number;
  /** Resident memory as of its last heartbeat; `undefined` before the first. */
  readonly rssBytes: number | undefined;
}
