import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { Deadline } from "../time/deadline.ts";
import type { CallTrace, ExecutionMs } from "./call-trace.ts";
import type { CallLineage } from "./host-requests.ts";
import type { EncodedValue } from "./value-codec.ts";
import type { CollectedStacks } from "./worker-stacks.ts";

/** A worker that is ready for calls. */
export interface WorkerHandle {
  readonly workerId: string;
  readonly pid: number;
  /** Number of calls that the worker can run at the same time. */
  readonly capacity: number;
  readonly tools: readonly ToolDescriptor[];
  /** How it executes calls. Absent if it does not report that. */
  readonly profile?: WorkerProfile | undefined;
  /** What executes its code. Absent if it does not report that. */
  readonly runtime?: WorkerRuntime | undefined;
  /** Name of a tool that does nothing, for health checks; it is not in {@link tools}. Absent without one. */
  readonly checkTool?: string | undefined;
  /**
   * Absolute paths of the source files that the worker has loaded, without installed packages; only with
   * `LauncherOptions.watch`.
   */
  readonly sourceFiles?: readonly string[] | undefined;
  /** Resolves when the process has ended for any reason; never rejects. */
  readonly exited: Promise<WorkerExit>;
  /** The last heartbeat; `undefined` before the first one. */
  readonly vitals: WorkerVitals | undefined;
  /**
   * Whether the worker has sent nothing for half of the time without heartbeats after which it counts as hung. Default:
   * false.
   */
  readonly isSilent?: boolean | undefined;
  /**
   * A condition at the start that may make calls hang, such as threads before a fork; added to the errors of such
   * calls.
   */
  readonly startWarning?: string | undefined;
  /** Maximum number of calls that can be sent ahead of their start. Default: 0, if that is not supported. */
  readonly maxAhead?: number | undefined;
  /**
   * Sends a call. Never throws. `observer.settled` is always called exactly once. The observer is not called before
   * `dispatch` has returned.
   */
  dispatch(call: WorkerCall, observer: CallObserver): DispatchedCall;
  /**
   * Sends a call that the worker starts when it has answered the calls before it; until then, the call can be recalled.
   * Otherwise like {@link dispatch}. Only for at most {@link maxAhead} calls at a time.
   */
  sendAhead?(call: WorkerCall, observer: CallObserver): DispatchedCall;
  /**
   * Notifies the worker that a session has ended, so that it drops its state. Never throws; no effect on an ended
   * worker.
   */
  endSession(sessionId: string): void;
  /**
   * Notifies the worker that its cached variables of a session are stale; without names, all of them. Never throws; no
   * effect on an ended worker.
   */
  invalidate(sessionId: string, names?: readonly string[]): void;
  /**
   * Returns the stacks of all threads. The worker and its calls continue. Absent for workers without stacks.
   *
   * @param options.timeoutMs how long to wait.
   * @throws SnakepitError as a rejection: `DEADLINE_EXCEEDED`, `CANCELLED`, `WORKER_CRASHED` if the worker ends
   *   meanwhile.
   */
  readStacks?(options: StacksOptions): Promise<CollectedStacks>;
  /**
   * Ends the worker and the processes that it started. Waits up to `graceMs` for active calls, then sends SIGTERM and
   * SIGKILL to the process group. May be called again with a shorter grace period. Resolves with {@link exited}; never
   * rejects.
   */
  stop(options?: StopOptions): Promise<WorkerExit>;
}

/** How long to wait for stacks. */
export interface StacksOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface StopOptions {
  /** Milliseconds for active calls to finish and for the process to exit. Default: 0, which kills it immediately. */
  readonly graceMs?: number;
  /**
   * Whether a worker without grace period first writes its stacks, which become {@link WorkerExit.stacks}. Default:
   * false.
   */
  readonly reportStacks?: boolean;
}

/** The language runtime of a worker. */
export interface WorkerRuntime {
  /** For example `cpython`, as in `sys.implementation.name`. */
  readonly implementation: string;
  readonly version: string;
  /** Whether it runs without a global interpreter lock. */
  readonly freeThreaded: boolean;
}

/** How a worker executes calls. */
export interface WorkerProfile {
  /** `process`, `thread`, `async`, or the name of another profile. */
  readonly name: string;
  /** What the profile reports, for example `{ threads: "16", gil: "enabled" }`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One call, as it is sent to a worker. */
export interface WorkerCall {
  readonly tool: string;
  readonly args: EncodedValue;
  /** Whether the caller expects chunks. */
  readonly streaming: boolean;
  /** Number of chunks that the worker may send before it is granted more; only for streaming calls. */
  readonly credit: number;
  readonly deadline: Deadline;
  readonly correlationId: string;
  readonly sessionId?: string | undefined;
  /**
   * Distinguishes successive sessions with the same ID: a request of the call must not reach a later one. The number is
   * only valid in this host.
   */
  readonly sessionGeneration?: number | undefined;
  /** W3C trace context for the tool (https://www.w3.org/TR/trace-context/). */
  readonly traceparent?: string | undefined;
  /** Receives the spans of the worker; absent if the call is not traced. */
  readonly trace?: CallTrace | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The call that makes this nested call; absent for other calls. */
  readonly parent?: CallLineage | undefined;
}

/** Is notified of the progress of a dispatched call. */
export interface CallObserver {
  /** A chunk arrived; `byteLength` is its size on the wire. */
  chunk(value: unknown, byteLength: number): void;
  /** The call has ended and its capacity is free, or the worker has ended (`lost`). Called exactly once. */
  settled(outcome: CallOutcome): void;
}

/** The outcome of a call at the worker. */
export type CallOutcome =
  | { readonly is: "value"; readonly value: unknown; readonly executionMs?: ExecutionMs }
  | { readonly is: "end"; readonly executionMs?: ExecutionMs }
  | { readonly is: "failure"; readonly error: SnakepitError; readonly executionMs?: ExecutionMs }
  /** The worker ended before the call; it accepts no further calls. `exit`: how, if the call may have caused it. */
  | { readonly is: "lost"; readonly error: SnakepitError; readonly exit?: WorkerExit | undefined }
  /** The worker ended, and had certainly not started this call, which another worker may execute. */
  | { readonly is: "not-started"; readonly error: SnakepitError };

/** A call that was sent to a worker and has not ended. */
export interface DispatchedCall {
  /** Requests the cancellation of the call. The observer still receives its outcome. */
  cancel(why: CancelReason): void;
  /** Allows a streaming call to send this many more chunks. */
  grant(credit: number): void;
  /**
   * Takes back a call that was sent ahead. Returns `true` if the worker has not started it: then it never will, and the
   * observer is not called. Returns `false` if it has started or was not sent ahead. Required for calls that were sent
   * ahead.
   */
  recall?(): boolean;
}

export type CancelReason = "cancelled" | "deadline";

/** The content of the last heartbeat of a worker. */
export interface WorkerVitals {
  /** Resident memory of the worker process, in bytes. */
  readonly rssBytes: number;
  /** Number of active calls. */
  readonly active: number;
  /**
   * Milliseconds since the worker last received a call that it started, answered one or sent a chunk, when it sent the
   * heartbeat.
   */
  readonly lastProgressMs: number;
  /** When the host received the heartbeat, on the monotonic clock. */
  readonly receivedAt: number;
  /** Processor time of the process since its start, in milliseconds; absent if the worker does not report it. */
  readonly cpuMs?: number | undefined;
  /** Processor time per time between the last two heartbeats (1 is one core); absent before the second one. */
  readonly cpuLoad?: number | undefined;
  /** Threads of the process; absent if the system does not report them. */
  readonly threads?: number | undefined;
}

/** How a worker process ended. */
export interface WorkerExit {
  /** Whether the host requested it. */
  readonly requested: boolean;
  /** Exit status; `undefined` if a signal ended the process or the status is unknown. */
  readonly exitCode?: number;
  /** Name of the signal that ended the process, for example `SIGSEGV`. */
  readonly signal?: string;
  /** The last lines that the process wrote to stderr. */
  readonly stderrTail: string;
  /**
   * The stacks of its threads, one frame per line and the innermost first, if the host requested them before it killed
   * the process and the process wrote them.
   */
  readonly stacks?: string;
  /**
   * The reason, if the host ended the worker because of an error, such as a missed heartbeat or a protocol violation.
   */
  readonly cause?: SnakepitError;
}

/** One parameter of a tool. */
export interface ToolParameter {
  readonly name: string;
  /** The annotation in Python syntax, for example `list[float]`; empty if the parameter has no annotation. */
  readonly type: string;
  readonly required: boolean;
  /** The default, formatted by `repr()`; absent for a required parameter. */
  readonly default?: string;
  /** The description in the docstring. */
  readonly description?: string;
  /**
   * Why values are not checked against the annotation, or why no value that can be sent is accepted; absent if they are
   * checked.
   */
  readonly unchecked?: string;
}

/** One tool of a worker. */
export interface ToolDescriptor {
  readonly name: string;
  /** The summary in the docstring. */
  readonly description: string;
  readonly parameters: readonly ToolParameter[];
  /** Whether the tool yields chunks: `stream` accepts it, `execute` rejects it. */
  readonly streaming: boolean;
  /** Milliseconds that a call may take unless its caller specifies it; absent for the limit of the pool. */
  readonly timeoutMs?: number;
  /** Whether a call may be executed twice, so that it is retried when its worker dies; absent for `false`. */
  readonly idempotent?: boolean;
  /** Number of calls that run at the same time in the pool; absent without a limit. */
  readonly maxConcurrent?: number;
}
