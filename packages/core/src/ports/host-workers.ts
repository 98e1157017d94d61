import type { WorkerProfile } from "./worker-handle.ts";
import type { CollectedStacks } from "./worker-stacks.ts";

/** A running worker. */
export interface HostWorker {
  readonly id: string;
  readonly pool: string;
  readonly pid: number;
  readonly state: "ready" | "draining" | "stopping";
  /** See `WorkerInfo.activity` of `@snakepit/pool`. */
  readonly activity: "idle" | "busy" | "stuck";
  readonly profile?: WorkerProfile | undefined;
  readonly load: number;
  readonly capacity: number;
  readonly ageMs: number;
  /** Calls that were dispatched to the worker. */
  readonly requests: number;
  /** Active sessions whose calls were dispatched to the worker. */
  readonly sessions: number;
  /** From the last heartbeat; absent before it. */
  readonly rssBytes?: number | undefined;
  /** Processor time since its start, and per time between the last two heartbeats (1 is one core). */
  readonly cpuMs?: number | undefined;
  readonly cpuLoad?: number | undefined;
  /** Threads of the process; absent before the first heartbeat, and where the system reports none. */
  readonly threads?: number | undefined;
  /** Since the worker last started a call, answered one or sent a chunk. */
  readonly sinceProgressMs?: number | undefined;
  /** The calls that it executes, oldest first, then those that were sent ahead of their start. */
  readonly calls: readonly WorkerCallInfo[];
}

/** A call at a worker. */
export interface WorkerCallInfo {
  readonly tool: string;
  readonly correlationId: string;
  readonly sessionId?: string | undefined;
  readonly streaming: boolean;
  /**
   * - `ahead`: the worker has it, and starts it after the present ones;
   * - `running`: it executes, and its caller waits;
   * - `cancelling`: its caller has received an error, and the tool has not stopped yet.
   */
  readonly state: "ahead" | "running" | "cancelling";
  /** When the worker started it; for `ahead`, when the host accepted it. */
  readonly since: number;
  readonly durationMs: number;
  /** How long it waited in the queue before. */
  readonly queueMs: number;
  /** Until its deadline; absent without one. */
  readonly remainingMs?: number | undefined;
  /** The correlation ID of the call that made this one. */
  readonly parentCorrelationId?: string | undefined;
}

/** The stacks of a worker, and the calls that it executed. */
export interface WorkerStacks extends CollectedStacks {
  readonly workerId: string;
  readonly pool: string;
  readonly pid: number;
  readonly at: number;
  readonly calls: readonly WorkerCallInfo[];
}
