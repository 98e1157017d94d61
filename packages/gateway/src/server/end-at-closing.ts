import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { statusOfError } from "./error-status.ts";

/** Calls of ours end by themselves, and are given time for it. */
const OURS = /^\/snakepit\.bridge\./;

/**
 * Ends the calls of health and of reflection when the host closes, with `UNAVAILABLE`: a client that watches the health of
 * the host would go on until the grace period is over, and wait for nothing. What was written before still arrives.
 */
export function endAtClosing(closing: AbortSignal): ServerInterceptor {
  return (method, call) => {
    if (OURS.test(method.path)) return new ServerInterceptingCall(call);
    let isOver = false;
    const end = () => {
      isOver = true;
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
          // Comes with the end of each call, however it ends.
          onCancel: () => closing.removeEventListener("abort", end),
        }),
      // What a slow client has made wait would be written to a stream that has ended.
      sendMessage: (message, next) => {
        if (!isOver) next(message);
      },
      sendStatus: (status, next) => {
        if (!isOver) next(status);
      },
    });
  };
}
