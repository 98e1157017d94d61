export type { RecycleOptions } from "./lifecycle/recycler.ts";
export type { PoolCall } from "./pool-call.ts";
export type { ObservedWorker, PoolObservation } from "./pool-observation.ts";
export type { LimitedTool, PoolOccupancy, QueuedCall, QueuedListener, RunningCall } from "./pool-occupancy.ts";
export type { Affinity, PoolOptions, WorkerPoolOptions } from "./pool-options.ts";
export type { PoolStats, WorkerInfo } from "./pool-stats.ts";
export { type PoolStream, WorkerPool } from "./worker-pool.ts";
