import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { EventName, OnDemandEventName, SnakepitEvents } from "../events/gen/event-types.ts";
import type { CallLineage } from "./host-requests.ts";
import type { ExecutionMs } from "./worker-handle.ts";

/** A line that a worker printed, or a record that it logged. */
export type WorkerLogRecord = SnakepitEvents["worker.log"];

/** The properties of a call at its start. */
export interface CallInfo {
  readonly pool: string;
  readonly tool: string;
  readonly correlationId: string;
  readonly streaming: boolean;
  readonly sessionId?: string | undefined;
  /** The call that makes this nested call; absent for other calls. */
  readonly parent?: CallLineage | undefined;
  /** Number of chunks that the worker may send before it is granted more; 0 or absent for a call without chunks. */
  readonly credit?: number | undefined;
}

/** Traces one call. */
export interface CallTrace {
  /** W3C trace context for the tool; `undefined` if the call is not traced. */
  readonly traceparent: string | undefined;
  /** The call was sent to a worker. `now`: the time on the monotonic clock, if the caller knows it. */
  dispatched(workerId: string, now?: number): void;
  /** The worker had not started the call, which waits for another worker. */
  returned?(): void;
  /** A chunk has arrived. `outstanding` is the number of chunks that the worker may still send. */
  chunk?(byteLength: number, outstanding: number): void;
  /** The worker may send more chunks. */
  granted?(): void;
  /** The worker has answered a call whose caller waits, in `executionMs` milliseconds, if it reports them. */
  executed?(executionMs: ExecutionMs): void;
  /** The call has ended for the caller. Called once; without `error` if it succeeded. */
  ended(error?: SnakepitError): void;
}

/**
 * Which of the events on demand have a listener. The properties change when listeners are added or removed: an emitter
 * reads the property each time, and creates the event only if it is `true`.
 */
export type ListenedEvents = Readonly<Record<OnDemandEventName, boolean>>;

/** Receives the events and calls of a host. Implementations must catch the errors of their listeners. */
export interface Instrumentation {
  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void;
  /** The events on demand that it receives in addition to the others. Absent: none of them. */
  readonly listens?: Partial<ListenedEvents> | undefined;
  /**
   * Starts to trace a call; `undefined` without tracing, which has no overhead.
   *
   * @param now the time on the monotonic clock, if the caller knows it.
   */
  startCall(call: CallInfo, now?: number): CallTrace | undefined;
}

/** The default: ignores all events. */
export const noInstrumentation: Instrumentation = {
  emit() {},
  startCall: () => undefined,
};

/** A structured logger, such as pino: each method takes an object of fields and a message. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
