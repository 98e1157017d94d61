import { type EventEmitter, once } from "node:events";
import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { type ClientCall, clientCall } from "./client-call.ts";
import { decoded } from "./decoded-requests.ts";
import { statusOfError } from "./error-status.ts";

/** Returns a gRPC handler that calls an async function. An error that it throws becomes the status of the call. */
export function unary<Request, Response>(
  answer: (request: Request, call: ClientCall) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, respond) => {
    const answered = async () => await answer(decoded(call.request), clientCall(call));
    answered().then(
      (response) => respond(null, response),
      (thrown: unknown) => respond(statusOfError(thrown)),
    );
  };
}

/**
 * Returns a gRPC handler that sends the messages of an async iterable. An error that it throws becomes the status of
 * the call, after the messages before it. The next message is requested when the flow control of the client allows it.
 * The iterator is closed when the client cancels.
 */
export function serverStream<Request, Response>(
  answer: (request: Request, call: ClientCall) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    sendAll(call, answer).then(
      () => call.end(),
      (thrown: unknown) => call.emit("error", statusOfError(thrown)),
    );
  };
}

async function sendAll<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  answer: (request: Request, call: ClientCall) => AsyncIterable<Response>,
): Promise<void> {
  const from = clientCall(call);
  for await (const message of answer(decoded(call.request), from)) {
    if (from.signal.aborted) return;
    // Back-pressure: the next message is not requested before the client has room.
    if (!call.write(message)) await drained(call, from.signal);
  }
}

async function drained(call: EventEmitter, signal: AbortSignal): Promise<void> {
  try {
    await once(call, "drain", { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
