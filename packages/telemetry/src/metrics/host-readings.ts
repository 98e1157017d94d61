import type { PoolState } from "@snakepit/core";

/** What a host reads when its metrics are read. */
export interface HostReadings {
  readonly version: string;
  /** The start of the host in milliseconds since 1970. */
  readonly startedAt: number;
  pools(): readonly PoolReading[];
  /** The number of sessions that the host keeps track of. */
  sessions(): number;
}

/** The current state of a pool. */
export interface PoolReading {
  readonly pool: string;
  readonly state: PoolState;
  /** The intended number of workers. */
  readonly size: number;
  /** Workers that are starting. */
  readonly starting: number;
  /** Calls that are assigned to workers. */
  readonly active: number;
  /** Calls that the workers can execute at the same time, and that they execute. */
  readonly capacity: number;
  readonly load: number;
  readonly queued: number;
  readonly queueLimit: number;
  /** How long the oldest queued call has waited, in milliseconds. */
  readonly oldestMs: number;
  /** Numbers since the start of the host; see `PoolStats`. */
  readonly queueTimeouts: number;
  readonly saturated: number;
  readonly crashed: number;
  /** The configured limits of the memory of one worker, in bytes. */
  readonly memoryLimitBytes: number | undefined;
  readonly recycleAtBytes: number | undefined;
  readonly workers: readonly WorkerReading[];
}

/** The current state of a worker. */
export interface WorkerReading {
  readonly id: string;
  readonly state: "idle" | "busy" | "stuck" | "leaving";
  /** Whether it has sent no heartbeat for half of the time limit. */
  readonly isLate: boolean;
  /** Milliseconds since the worker became ready. */
  readonly ageMs: number;
  /** From the last heartbeats; `undefined` before. */
  readonly rssBytes: number | undefined;
  readonly cpuLoad: number | undefined;
  readonly threads: number | undefined;
}
