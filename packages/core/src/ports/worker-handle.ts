import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { Deadline } from "../time/deadline.ts";
import type { CallLineage } from "./host-requests.ts";
import type { EncodedValue } from "./value-codec.ts";

/** A worker that is ready for calls. */
export interface WorkerHandle {
  readonly workerId: string;
  readonly pid: number;
  /** How many calls it takes at once. */
  readonly capacity: number;
  readonly tools: readonly ToolDescriptor[];
  /** Resolves when the process is gone, however that came about; never rejects. */
  readonly exited: Promise<WorkerExit>;
  /** What the worker last reported; `undefined` before its first heartbeat. */
  readonly vitals: WorkerVitals | undefined;
  /** What was found at the start that may make calls hang, such as threads before a fork; for the errors of such calls. */
  readonly startWarning?: string | undefined;
  /**
   * Sends a call. Never throws: `observer.settled` is called exactly once in any case. The observer is not called
   * before `dispatch` has returned.
   */
  dispatch(call: WorkerCall, observer: CallObserver): DispatchedCall;
  /** Notifies the worker that a session has ended, so that it drops its state. Never throws; does nothing when the worker is gone. */
  endSession(sessionId: string): void;
  /** Notifies the worker that its cached variables of a session are stale; without names, all of them. Never throws, as {@link endSession}. */
  invalidate(sessionId: string, names?: readonly string[]): void;
  /**
   * Ends the worker and whatever it started. Lets active calls finish for `graceMs` (0 by default: kill at once),
   * then SIGTERM, then SIGKILL to its process group. May be called again with a shorter grace. Resolves with
   * {@link exited}; never rejects.
   */
  stop(options?: StopOptions): Promise<WorkerExit>;
}

export interface StopOptions {
  /** Milliseconds that active calls have to finish and the process to end by itself; 0 by default. */
  readonly graceMs?: number;
  /** Whether a worker without grace first writes to stderr where it is, for at most 100 ms; false by default. */
  readonly reportStacks?: boolean;
}

/** One call as a worker gets it. */
export interface WorkerCall {
  readonly tool: string;
  readonly args: EncodedValue;
  /** Whether the caller reads chunks. */
  readonly streaming: boolean;
  /** Chunks that the worker may send before it is granted more; only for streaming calls. */
  readonly credit: number;
  readonly deadline: Deadline;
  readonly correlationId: string;
  readonly sessionId?: string | undefined;
  /**
   * Which session it is, of all that have had this id or will have it: what is asked on behalf of the call must not reach a
   * later one. Stays in this host; the number means nothing elsewhere.
   */
  readonly sessionGeneration?: number | undefined;
  /** W3C trace context for the tool (https://www.w3.org/TR/trace-context/). */
  readonly traceparent?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The call on whose behalf this one is made; absent for a call from outside. */
  readonly parent?: CallLineage | undefined;
}

/** Is notified of the progress of a dispatched call. */
export interface CallObserver {
  /** A chunk arrived; `byteLength` is its size on the wire. */
  chunk(value: unknown, byteLength: number): void;
  /** The call is over and the worker's capacity free again, or the worker is gone (`lost`). Called exactly once. */
  settled(outcome: CallOutcome): void;
}

/** How a call ended at the worker. */
export type CallOutcome =
  | { readonly is: "value"; readonly value: unknown }
  | { readonly is: "end" }
  | { readonly is: "failure"; readonly error: SnakepitError }
  /** The worker is gone and has taken the call along; it gets no further one. */
  | { readonly is: "lost"; readonly error: SnakepitError };

/** A call that is on its way or being executed. */
export interface DispatchedCall {
  /** Asks the worker to give the call up; the outcome still arrives, whatever it is. */
  cancel(why: CancelReason): void;
  /** Lets a streaming call send this many chunks more. */
  grant(credit: number): void;
}

export type CancelReason = "cancelled" | "deadline";

/** What a worker's last heartbeat reported. */
export interface WorkerVitals {
  /** Resident memory of the worker process, in bytes. */
  readonly rssBytes: number;
  /** Calls being executed. */
  readonly active: number;
  /** When the host received it, on the monotonic clock. */
  readonly receivedAt: number;
}

/** How a worker process ended. */
export interface WorkerExit {
  /** Whether the host asked for it. */
  readonly requested: boolean;
  /** Exit status, or `undefined` when a signal ended the process or it could not be observed. */
  readonly exitCode?: number;
  /** Name of the signal that ended the process, for example `SIGSEGV`. */
  readonly signal?: string;
  /** The last lines that the process wrote to stderr. */
  readonly stderrTail: string;
  /** What the host knows of the reason, where it was not a plain exit (heartbeat lost, protocol violated). */
  readonly cause?: SnakepitError;
}

/** One parameter of a tool. */
export interface ToolParameter {
  readonly name: string;
  /** The annotation as written in Python, for example `list[float]`; empty when there is none. */
  readonly type: string;
  readonly required: boolean;
  /** The default as `repr()` shows it; absent when there is none. */
  readonly default?: string;
  /** Its description in the docstring. */
  readonly description?: string;
  /**
   * Why values are not checked against the annotation, or none that can be sent is accepted; absent when they are
   * checked.
   */
  readonly unchecked?: string;
}

/** One tool, as a worker reports it. */
export interface ToolDescriptor {
  readonly name: string;
  /** The docstring's summary. */
  readonly description: string;
  readonly parameters: readonly ToolParameter[];
  /** Whether the tool yields chunks: `stream` calls it, `execute` refuses it. */
  readonly streaming: boolean;
}
