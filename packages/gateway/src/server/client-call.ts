import type { EventEmitter } from "node:events";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import {
  type Deadline,
  deadlineIn,
  newCorrelationId,
  type OperationContext,
  readTraceparent,
  SnakepitError,
  watchAbort,
} from "@snakepit/core";

/** The metadata key of the W3C trace context. */
const TRACE_KEY = "traceparent";

/** The metadata key with the name of the client. */
const CLIENT_KEY = "snakepit-client";

const CLIENT_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** The parts of a gRPC call, unary or streaming, that handlers use. */
export type IncomingCall = Pick<ServerUnaryCall<unknown, unknown>, "cancelled" | "getDeadline" | "metadata"> &
  EventEmitter;

/** The client name, deadline and cancellation of a call. */
export interface ClientCall {
  /** `client`, or `client:` and the name of the client. */
  readonly client: string;
  readonly deadline: Deadline;
  /** Aborts when the client cancels, its deadline passes, or its connection ends. */
  readonly signal: AbortSignal;
  /** The W3C trace context of the client; `undefined` without a valid one. */
  readonly traceparent: string | undefined;
}

/**
 * Returns the client name, deadline and cancellation of a gRPC call.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the name of the client is invalid.
 */
export function clientCall(call: IncomingCall): ClientCall {
  const traceparent = traceparentOf(call);
  return { client: clientOf(call), deadline: deadlineOf(call), signal: signalOf(call), traceparent };
}

/** Returns the context of an operation that a client requests, with its session if it has one. */
export function contextOf<SessionId extends string | undefined>(
  { client, deadline, signal, traceparent }: ClientCall,
  sessionId: SessionId,
): OperationContext & { readonly sessionId: SessionId } {
  return { sessionId, author: client, correlationId: newCorrelationId(), deadline, signal, traceparent };
}

function clientOf(call: IncomingCall): string {
  const [name] = call.metadata.get(CLIENT_KEY);
  if (name === undefined) return "client";
  // The prefix prevents a client from impersonating the host or a worker.
  if (typeof name === "string" && CLIENT_NAME.test(name)) return `client:${name}`;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the metadata ${CLIENT_KEY} must be 1 to 64 letters, digits, dots, underscores or hyphens`,
  );
}

/** An invalid trace context begins no trace, but is no error (https://www.w3.org/TR/trace-context/#traceparent-header). */
function traceparentOf(call: IncomingCall): string | undefined {
  const [traceparent] = call.metadata.get(TRACE_KEY);
  return typeof traceparent === "string" && readTraceparent(traceparent) !== undefined ? traceparent : undefined;
}

function deadlineOf(call: IncomingCall): Deadline {
  const deadline = call.getDeadline();
  const dueAt = deadline instanceof Date ? deadline.getTime() : deadline;
  return deadlineIn(dueAt - Date.now());
}

function signalOf(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new SnakepitError("CANCELLED", "the client cancelled the call or disconnected"));
  if (call.cancelled) abort();
  else call.once("cancelled", abort);
  return controller.signal;
}

/** A call with a second cancellation signal. */
export interface EndingCall {
  readonly call: ClientCall;
  /** Stops listening to both signals. */
  release(): void;
}

/** Returns the call with a signal that aborts when either its own signal or `signal` aborts. */
export function endedBy(call: ClientCall, signal: AbortSignal): EndingCall {
  const controller = new AbortController();
  const unwatch = [call.signal, signal].map((each) => {
    const abort = () => controller.abort(each.reason);
    if (!each.aborted) return watchAbort(each, abort);
    abort();
    return () => {};
  });
  return {
    call: { ...call, signal: controller.signal },
    release: () => {
      for (const each of unwatch) each();
    },
  };
}
