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
