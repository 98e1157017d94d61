import type { ResolvedPoolConfig } from "@snakepit/core";

/**
 * What a pool needs to know: its name and the part of a resolved pool configuration that concerns it. Defaults and the
 * meaning of each stand with the configuration. All durations are milliseconds.
 */
export interface PoolOptions
  extends Pick<
    ResolvedPoolConfig,
    | "size"
    | "batchSize"
    | "batchDelayMs"
    | "queueLimit"
    | "queueTimeoutMs"
    | "affinity"
    | "startTimeoutMs"
    | "shutdownGraceMs"
    | "cancelGraceMs"
    | "restart"
    | "backoff"
  > {
  /** Stands in messages, events and worker ids. */
  readonly name: string;
}

/**
 * How a call keeps to the worker that executed the last call of its session.
 *
 * - `hint`: that worker when it can take the call now, else the least loaded, else whichever becomes free;
 * - `strict-queue`: that worker, however long it takes;
 * - `strict-fail`: that worker, or `SESSION_WORKER_UNAVAILABLE` at once when it is busy.
 *
 * Where no worker is remembered (the session is new or has been ended, or the worker is gone or about to go) any worker
 * takes the call, whatever the mode.
 */
export type Affinity = ResolvedPoolConfig["affinity"];
