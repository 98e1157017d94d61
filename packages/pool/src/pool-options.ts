import type { EncodedValue, ResolvedPoolConfig } from "@snakepit/core";

/**
 * The name of a pool and its part of the resolved pool configuration, which documents each option and its default. All
 * durations are milliseconds.
 */
export interface PoolOptions
  extends Pick<
    ResolvedPoolConfig,
    | "size"
    | "scaling"
    | "batchSize"
    | "batchDelayMs"
    | "queueLimit"
    | "queueTimeoutMs"
    | "affinity"
    | "prefetch"
    | "startTimeoutMs"
    | "shutdownGraceMs"
    | "cancelGraceMs"
    | "heartbeatIntervalMs"
    | "restart"
    | "backoff"
    | "recycle"
    | "healthCheck"
  > {
  /** The name of the pool in messages, events and worker IDs. */
  readonly name: string;
  /** The encoded arguments of a call without arguments, for health checks. */
  readonly noArguments: EncodedValue;
  /** When the replacement of workers is reported. Default: as in the configuration. */
  readonly churn?: ResolvedPoolConfig["churn"] | undefined;
  /** When a call that ends its workers is rejected. Default: never. */
  readonly poison?: ResolvedPoolConfig["poison"] | undefined;
  /** The settings of single tools, by name. Default: those that the workers report. */
  readonly tools?: ResolvedPoolConfig["tools"] | undefined;
}

/**
 * The affinity of a call to the worker that executed the last call of its session.
 *
 * - `hint`: that worker if it is available, otherwise the least loaded one, otherwise the first that becomes free;
 * - `strict-queue`: that worker, for which the call waits;
 * - `strict-fail`: that worker, or `SESSION_WORKER_UNAVAILABLE` at once if it is busy.
 *
 * If the session has no worker (the session is new or has ended, or the worker has died or is stopping), any worker
 * takes the call in all modes.
 */
export type Affinity = ResolvedPoolConfig["affinity"];
