import type { EncodedValue, ResolvedPoolConfig, ToolDescriptor } from "@snakepit/core";

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
  /** The encoded arguments of a call without arguments. Without them, there are no health checks. */
  readonly noArguments?: EncodedValue | undefined;
  /** When the replacement of workers is reported. Default: as in the configuration. */
  readonly churn?: ResolvedPoolConfig["churn"] | undefined;
  /** When a call that ends its workers is rejected. Default: never. */
  readonly poison?: ResolvedPoolConfig["poison"] | undefined;
  /** The settings of single tools, by name. Default: those that the workers report. */
  readonly tools?: ResolvedPoolConfig["tools"] | undefined;
  /** Throws if the rest of the configuration does not match the tools of reloaded code. Default: it always matches. */
  readonly checkTools?: ((tools: readonly ToolDescriptor[]) => void) | undefined;
}

/** The options of a pool that has the lifecycle options of the configuration by default. */
export type WorkerPoolOptions = Omit<PoolOptions, keyof LifecycleDefaults> & Partial<LifecycleDefaults>;

type LifecycleDefaults = Pick<PoolOptions, "scaling" | "heartbeatIntervalMs" | "recycle" | "healthCheck">;

const NEVER = Number.POSITIVE_INFINITY;
const LIFECYCLE_DEFAULTS: LifecycleDefaults = {
  scaling: { growAfterMs: 100, shrinkAfterMs: 60_000 },
  heartbeatIntervalMs: 2_000,
  recycle: { ttlMs: NEVER, maxRequests: NEVER, maxRssMb: NEVER, jitter: 0.1, graceMs: 300_000 },
  healthCheck: { intervalMs: NEVER, tool: undefined, timeoutMs: 5_000 },
};

/** Fills in the defaults. */
export function poolOptions(options: WorkerPoolOptions): PoolOptions {
  return { ...LIFECYCLE_DEFAULTS, ...options };
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
