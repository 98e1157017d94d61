import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { statusOfError } from "./error-status.ts";

/** The methods of the bridge service, whose calls may run until the grace period ends. */
const BRIDGE_METHOD = /^\/snakepit\.bridge\./;

/**
 * Returns an interceptor that ends health and reflection calls with `UNAVAILABLE` when the host closes. Otherwise a
 * client that watches the health would keep the server open until the grace period ends. Messages written before are
 * delivered.
 */
export function endAtClosing(closing: AbortSignal): ServerInterceptor {
  return (method, call) => {
    if (BRIDGE_METHOD.test(method.path)) return new ServerInterceptingCall(call);
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
          // Called when a call ends for any reason, not only on cancellation.
          onCancel: () => closing.removeEventListener("abort", end),
        }),
      // A message that was queued for a slow client must not be written after the end of the stream.
      sendMessage: (message, next) => {
        if (!hasEnded) next(message);
      },
      sendStatus: (status, next) => {
        if (!hasEnded) next(status);
      },
    });
  };
}
