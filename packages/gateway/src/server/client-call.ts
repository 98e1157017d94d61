import type { EventEmitter } from "node:events";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import {
  type Deadline,
  deadlineIn,
  newCorrelationId,
  type OperationContext,
  SnakepitError,
  watchAbort,
} from "@snakepit/core";

/** Metadata in which a client says what it calls itself. */
const CLIENT_KEY = "snakepit-client";

const CLIENT_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** What handlers need of a call of any kind. */
export type IncomingCall = Pick<ServerUnaryCall<unknown, unknown>, "cancelled" | "getDeadline" | "metadata"> &
  EventEmitter;

/** A call from outside: for whom it is, and for how long somebody waits. */
export interface ClientCall {
  /** `client`, or `client:` and what the client calls itself. */
  readonly client: string;
  readonly deadline: Deadline;
  /** Aborts when the client cancels, its deadline passes, or its connection ends. */
  readonly signal: AbortSignal;
}

/** @throws SnakepitError `INVALID_ARGUMENT` when the client calls itself something that is no name. */
export function clientCall(call: IncomingCall): ClientCall {
  return { client: clientOf(call), deadline: deadlineOf(call), signal: signalOf(call) };
}

/** Returns the context of an operation that a call requests, in a session if the operation has one. */
export function contextOf<SessionId extends string | undefined>(
  { client, deadline, signal }: ClientCall,
  sessionId: SessionId,
): OperationContext & { readonly sessionId: SessionId } {
  return { sessionId, author: client, correlationId: newCorrelationId(), deadline, signal };
}

function clientOf(call: IncomingCall): string {
  const [name] = call.metadata.get(CLIENT_KEY);
  if (name === undefined) return "client";
  // With the prefix nobody can pass for the host or a worker.
  if (typeof name === "string" && CLIENT_NAME.test(name)) return `client:${name}`;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the metadata ${CLIENT_KEY} must be 1 to 64 letters, digits, dots, underscores or hyphens`,
  );
}

function deadlineOf(call: IncomingCall): Deadline {
  const deadline = call.getDeadline();
  const dueAt = deadline instanceof Date ? deadline.getTime() : deadline;
  return deadlineIn(dueAt - Date.now());
}

function signalOf(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new SnakepitError("CANCELLED", "the client cancelled the call or went away"));
  if (call.cancelled) abort();
  else call.once("cancelled", abort);
  return controller.signal;
}

/** A call that ends with something else, too. */
export interface EndingCall {
  readonly call: ClientCall;
  /** Lets go of what it ends with. */
  release(): void;
}

/** The same call, which nobody waits for any more once the signal aborts. */
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
