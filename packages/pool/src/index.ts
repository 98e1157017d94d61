export type { PoolCall } from "./pool-call.ts";
export type { PoolOptions } from "./pool-options.ts";
export type { PoolState, PoolStats, WorkerInfo } from "./pool-stats.ts";
export { type PoolStream, WorkerPool } from "./worker-pool.ts";
