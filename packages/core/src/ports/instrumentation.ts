import type { EventName, OnDemandEventName, SnakepitEvents } from "../events/gen/event-types.ts";
import type { CallTrace } from "./call-trace.ts";
import type { CallLineage } from "./host-requests.ts";
import type { WorkerTelemetrySource } from "./worker-telemetry.ts";

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
  /**
   * The W3C trace context that the caller has passed; it is used instead of the active span, unless that belongs to the
   * same trace.
   */
  readonly callerTraceparent?: string | undefined;
}

/** The request of a worker to run a host tool. */
export interface HostToolInfo {
  readonly tool: string;
  readonly pool: string | undefined;
  readonly workerId: string | undefined;
  readonly correlationId: string;
  readonly streaming: boolean;
  /** The W3C trace context of the span that makes the request. */
  readonly traceparent: string | undefined;
}

/** Traces one execution of a host tool. */
export interface HostToolTrace {
  /** W3C trace context of the execution; `undefined` if it is not traced. */
  readonly traceparent: string | undefined;
  /** Runs a part of the tool as part of the trace. */
  run<Result>(work: () => Result): Result;
  /** The execution has ended. Called once; with what was thrown if it failed. */
  ended(error?: unknown): void;
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
  /** Whether it shows the Python spans of some calls, which are then recorded as samples. Default: `false`. */
  readonly samplesSpans?: boolean | undefined;
  /**
   * Starts to trace a call; `undefined` without tracing, which has no overhead.
   *
   * @param now the time on the monotonic clock, if the caller knows it.
   */
  startCall(call: CallInfo, now?: number): CallTrace | undefined;
  /** Starts to trace a host tool; `undefined` without tracing. */
  startHostTool?(call: HostToolInfo): HostToolTrace | undefined;
  /** What workers record. Default: nothing. */
  readonly workerTelemetry?: WorkerTelemetrySource | undefined;
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
