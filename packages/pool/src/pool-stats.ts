import type { PoolState, WorkerProfile } from "@snakepit/core";

/** Statistics of a pool. */
export interface PoolStats {
  readonly state: PoolState;
  /** The intended number of workers: that of the configuration, of `resize()`, or of an elastic pool. */
  readonly size: number;
  /** Running workers: ready, draining or stopping; more than `size` while a worker is being recycled. */
  readonly workers: number;
  /** Workers that can take a call. */
  readonly available: number;
  /** Workers with at least one call. */
  readonly busy: number;
  /** Workers that are starting. */
  readonly starting: number;
  /** Calls that wait for a worker. */
  readonly queued: number;
  /** Calls that are assigned to workers, including cancelled calls that are not answered yet. */
  readonly active: number;
  /** Calls since the pool was created, including rejected ones. */
  readonly requests: number;
  /** Calls that failed with any error. */
  readonly errors: number;
  /** Calls that waited too long for a worker (`QUEUE_TIMEOUT`). */
  readonly queueTimeouts: number;
  /** Calls that were rejected because the queue was full (`POOL_SATURATED`). */
  readonly saturated: number;
  /** Workers that were replaced by `recycle()`, a reload, a limit of `recycle` or a failed health check. */
  readonly recycled: number;
  /** Workers that crashed, hung or were killed because of a call. */
  readonly crashed: number;
}

/** Statistics of one worker. */
export interface WorkerInfo {
  readonly id: string;
  readonly pid: number;
  readonly state: "ready" | "draining" | "stopping";
  /** Active calls. */
  readonly load: number;
  /** The maximum number of active calls. */
  readonly capacity: number;
  /** How it executes calls, as it reports; `undefined` if it does not. */
  readonly profile: WorkerProfile | undefined;
  /** Milliseconds since the worker became ready. */
  readonly ageMs: number;
  /** Calls that were dispatched to the worker. */
  readonly requests: number;
  /** Active sessions whose calls were dispatched to the worker. */
  readonly sessions: number;
  /** Resident memory from the last heartbeat, in bytes; `undefined` before the first one. */
  readonly rssBytes: number | undefined;
  /**
   * What the worker does.
   *
   * - `idle`: it has no call;
   * - `busy`: it executes a call whose caller waits, for however long;
   * - `stuck`: it has a call that was cancelled or exceeded its deadline and has not stopped it, or it has sent nothing
   *   for half of `heartbeatTimeoutMs`. It is killed and replaced after `cancelGraceMs` or `heartbeatTimeoutMs`.
   */
  readonly activity: "idle" | "busy" | "stuck";
  /**
   * Milliseconds since the worker last started a call, answered one or sent a chunk, as far as its last heartbeat
   * shows; `undefined` before the first one.
   */
  readonly sinceProgressMs: number | undefined;
}
