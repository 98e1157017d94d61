import type { PoolState } from "../events/gen/event-types.ts";
import type { ControlOptions, HostIdentity } from "./host-identity.ts";
import type { WorkerProfile, WorkerRuntime } from "./worker-handle.ts";

/** Options of {@link HostControl.inspect}. */
export interface InspectionOptions extends ControlOptions {
  /** Only this pool. */
  readonly pool?: string | undefined;
  /** The utilization, from 0 to 1, from which a pool counts as saturated. Default: 0.8. */
  readonly saturationThreshold?: number | undefined;
}

/** The state of a host at one moment. */
export interface HostInspection {
  readonly host: HostIdentity;
  readonly at: number;
  readonly uptimeMs: number;
  /** Whether the host rejects new calls because it is closing. */
  readonly closing: boolean;
  readonly machine: MachineFacts;
  /** The host process itself: resident memory, and processor time per time (1 is one core), since the last sample. */
  readonly process: { readonly rssBytes: number; readonly cpuLoad: number };
  readonly totals: PoolTotals;
  readonly pools: readonly PoolInspection[];
  readonly recommendations: readonly Recommendation[];
}

/** What the machine, or the container of the host, has. */
export interface MachineFacts {
  /** Processors that this process may use. */
  readonly cores: number;
  /** The load average of the last minute; absent where the system reports none. */
  readonly loadAverage?: number | undefined;
  readonly memoryBytes: number;
  readonly availableMemoryBytes: number;
}

/** The sums over the pools. */
export interface PoolTotals {
  readonly workers: number;
  readonly capacity: Capacity;
  readonly queued: number;
  readonly requests: number;
  readonly errors: number;
  readonly rssBytes: number;
}

/** Calls that workers can execute at the same time. */
export interface Capacity {
  readonly total: number;
  readonly used: number;
  readonly available: number;
}

/** The state of one pool. */
export interface PoolInspection {
  readonly name: string;
  readonly state: PoolState;
  /** The language, the display name of the target, and what executes it; absent before the first worker. */
  readonly worker: {
    readonly language: string;
    readonly target: string;
    readonly runtime?: WorkerRuntime | undefined;
  };
  /** How workers execute calls, as they report it; before the first worker, the name in the configuration. */
  readonly profile: WorkerProfile;
  /** The intended number of workers, and its limits. */
  readonly size: number;
  readonly sizeRange: { readonly min: number; readonly max: number };
  readonly workers: PoolWorkerCounts;
  readonly capacity: Capacity;
  /** The part of the capacity that is in use now, from 0 to 1. */
  readonly utilization: number;
  readonly threads: PoolThreads;
  readonly queue: PoolQueue;
  readonly saturation: Saturation;
  readonly memory: MemoryFacts;
  /** Processor time of all workers per time (1 is one core), from their last two heartbeats; absent before. */
  readonly cpuLoad?: number | undefined;
  readonly counts: PoolCounts;
  /** What happened recently; absent in the first seconds of a host. */
  readonly recent?: RecentTraffic | undefined;
}

export interface PoolWorkerCounts {
  /** Running workers: ready, draining or stopping. */
  readonly running: number;
  readonly starting: number;
  readonly busy: number;
  /** Workers that can take a call. */
  readonly available: number;
  /** Workers with a call that does not stop, or without heartbeats; see `WorkerInfo.activity`. */
  readonly stuck: number;
}

/** Threads of the workers of a pool. */
export interface PoolThreads {
  /** Calls that one worker executes at the same time. */
  readonly perWorker: number;
  /** Threads that numeric libraries use for one operation, in the configuration. */
  readonly library: number;
  /** Threads of all worker processes, from their last heartbeats; absent before, and where the system reports none. */
  readonly running?: number | undefined;
}

/** The queue of a pool. */
export interface PoolQueue {
  /** Calls that wait for a worker, including those that were sent to a worker ahead of their start. */
  readonly length: number;
  readonly limit: number;
  /** How long the oldest of them has waited; 0 without one. */
  readonly oldestMs: number;
}

/** Whether a pool has reached a threshold of its capacity. */
export interface Saturation {
  readonly pool: string;
  /** Whether {@link utilization} has reached {@link threshold}, or calls wait. */
  readonly saturated: boolean;
  readonly threshold: number;
  /** The mean utilization of {@link RecentTraffic.windowMs}, or the present one in the first seconds; from 0 to 1. */
  readonly utilization: number;
  /** The part of the queue that is in use, from 0 to 1. */
  readonly queueUtilization: number;
}

/** Resident memory of the workers of a pool, from their last heartbeats. All are 0 before the first heartbeat. */
export interface MemoryFacts {
  readonly totalBytes: number;
  readonly averageBytes: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly byWorker: Readonly<Record<string, number>>;
  /** The configured limits of one worker: `recycle.maxRssMb` and `limits.memoryMb`. */
  readonly recycleAtBytes?: number | undefined;
  readonly limitBytes?: number | undefined;
}

/** Numbers of events since the start of the host; see `PoolStats`. */
export interface PoolCounts {
  readonly requests: number;
  readonly errors: number;
  readonly queueTimeouts: number;
  readonly saturated: number;
  readonly recycled: number;
  readonly crashed: number;
}

/** What happened in a pool within the last {@link windowMs}. */
export interface RecentTraffic {
  /** The length of the window: up to a minute. */
  readonly windowMs: number;
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  /** The mean part of the capacity that was in use, from 0 to 1. */
  readonly utilization: number;
  /** Calls that had to wait for a worker, and how long they waited on average; 0 without one. */
  readonly waited: number;
  readonly averageWaitMs: number;
  /** The processor time of the workers per time in which they executed calls, from 0; absent without calls. */
  readonly cpuPerCall?: number | undefined;
}

/** A change that would help, and why. */
export interface Recommendation {
  /** Stable across versions. */
  readonly code: RecommendationCode;
  /** `problem`: calls fail or will fail; `warning`: calls are slower than necessary; `hint`: resources are unused. */
  readonly severity: "problem" | "warning" | "hint";
  /** The pool; absent if it concerns the whole host. */
  readonly pool?: string | undefined;
  /** What to do, as one sentence with the option to change. */
  readonly message: string;
  /** The facts that led to it, as sentences with figures. */
  readonly reasons: readonly string[];
}

/**
 * - `add-workers`: calls wait, and the machine has idle processors and memory;
 * - `machine-is-full`: calls wait, and processors or memory are used up;
 * - `use-async-profile`: workers mostly wait instead of computing;
 * - `use-thread-profile`: the interpreter has no global lock, so that the threads of one process could compute;
 * - `remove-workers`: most of the capacity was unused;
 * - `memory-pressure`: the memory of the machine is nearly used up;
 * - `memory-limit-near`: workers are near their limit, or are recycled for it often;
 * - `library-threads`: more threads than processors compute;
 * - `queue-limit-near`, `calls-rejected`: calls were or will soon be rejected because the queue is full;
 * - `workers-crash`, `workers-stuck`: workers end or do not stop calls;
 * - `pool-unavailable`: the pool is degraded or failed, and why.
 */
export type RecommendationCode =
  | "add-workers"
  | "machine-is-full"
  | "use-async-profile"
  | "use-thread-profile"
  | "remove-workers"
  | "memory-pressure"
  | "memory-limit-near"
  | "library-threads"
  | "queue-limit-near"
  | "calls-rejected"
  | "workers-crash"
  | "workers-stuck"
  | "pool-unavailable";
