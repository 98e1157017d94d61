import { createHash, timingSafeEqual } from "node:crypto";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { statusOfError } from "../server/error-status.ts";

const TOKEN_KEY = "authorization";

const BEARER = /^bearer +(\S+)$/i;

/** Probes carry no token, and learn nothing but whether the host is ready. */
const OPEN = /^\/grpc\.health\.v1\.Health\//;

/**
 * Ends every call without the right token with `UNAUTHENTICATED`, before anything of its messages is read. Open are the
 * methods of `grpc.health.v1.Health`.
 */
export function requireToken(token: string): ServerInterceptor {
  const expected = digest(token);
  return (method, call) => {
    if (OPEN.test(method.path)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const objection = objectionTo(metadata, expected);
            if (objection !== undefined) {
              call.sendStatus(statusOfError(new SnakepitError("UNAUTHENTICATED", objection)));
              return;
            }
            metadata.remove(TOKEN_KEY);
            pass(metadata);
          },
        }),
    });
  };
}

function objectionTo(metadata: Metadata, expected: Buffer): string | undefined {
  const values = metadata.get(TOKEN_KEY);
  const [, given] = BEARER.exec(String(values[0] ?? "")) ?? [];
  if (values.length !== 1 || given === undefined) {
    return "this host wants a token; send the metadata authorization: Bearer <token>";
  }
  // Digests have one length, so that comparing them tells nothing of the token, its length neither.
  return timingSafeEqual(digest(given), expected) ? undefined : "the token is not the one of this host";
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
