import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { statusOfError } from "./error-status.ts";

/** Calls of the bridge service end within the grace period. */
const OURS = /^\/snakepit\.bridge\./;

/**
 * Ends the calls of health and of reflection with `UNAVAILABLE` when the host closes. A client that watches the health of the
 * host would otherwise keep the server open until the grace period ends. Messages written before are still delivered.
 */
export function endAtClosing(closing: AbortSignal): ServerInterceptor {
  return (method, call) => {
    if (OURS.test(method.path)) return new ServerInterceptingCall(call);
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
      call.sendStatus(statusOfError(new SnakepitError("SHUTTING_DOWN", "the host is closing")));
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (closing.aborted) {
              end();
              return;
            }
            closing.addEventListener("abort", end, { once: true });
            pass(metadata);
          },
          // Called at the end of each call, however it ends.
          onCancel: () => closing.removeEventListener("abort", end),
        }),
      // A message that waited for a slow client would be written to a stream that has ended.
      sendMessage: (message, next) => {
        if (!hasEnded) next(message);
      },
      sendStatus: (status, next) => {
        if (!hasEnded) next(status);
      },
    });
  };
}
