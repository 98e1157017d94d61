import type { WorkerProfile } from "./worker-handle.ts";

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
  /** When the worker started it; when it was sent, for `ahead`. */
  readonly since: number;
  readonly durationMs: number;
  /** How long it waited in the queue before. */
  readonly queueMs: number;
  /** Until its deadline; absent without one. */
  readonly remainingMs?: number | undefined;
  /** The correlation ID of the call that made this one. */
  readonly parentCorrelationId?: string | undefined;
}

/** The stacks of a worker. */
export interface WorkerStacks {
  readonly workerId: string;
  readonly pool: string;
  readonly pid: number;
  readonly at: number;
  /**
   * - `interpreter`: read by the receiver thread of the worker;
   * - `fault-handler`: written by Python's fault handler on a signal, because native code held the interpreter lock. It
   *   has no asyncio tasks, and at most 100 frames of 100 threads.
   */
  readonly source: "interpreter" | "fault-handler";
  /** The calls that the worker executed. */
  readonly calls: readonly WorkerCallInfo[];
  /** The main thread first. */
  readonly threads: readonly ThreadStack[];
  /** The asyncio tasks of all event loops, with the `async` tools that they execute. */
  readonly tasks: readonly TaskStack[];
}

/** The stack of one thread. */
export interface ThreadStack {
  /** Its name; the identifier where only that is known. */
  readonly name: string;
  readonly main: boolean;
  /** Whether the thread belongs to the worker itself and runs no tools. */
  readonly internal: boolean;
  /** Outermost first. Frames of the bridge are omitted in threads that run tools. */
  readonly frames: readonly StackFrame[];
}

/** The stack of one asyncio task. */
export interface TaskStack {
  readonly name: string;
  /** The name of the coroutine function. */
  readonly coroutine: string;
  /** Outermost first, through all coroutines that it awaits. */
  readonly frames: readonly StackFrame[];
}

export interface StackFrame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  /** The line of code; absent if it is not known. */
  readonly code?: string | undefined;
}
