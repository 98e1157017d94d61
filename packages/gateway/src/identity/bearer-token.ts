import { createHash, timingSafeEqual } from "node:crypto";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { statusOfError } from "../server/error-status.ts";

const TOKEN_KEY = "authorization";

const BEARER = /^bearer +(\S+)$/i;

/** Health probes send no token. The response only reports whether the host is ready. */
const WITHOUT_TOKEN = /^\/grpc\.health\.v1\.Health\//;

/**
 * Returns an interceptor that ends every call without a valid token with `UNAUTHENTICATED`, before its messages are
 * read. The methods of `grpc.health.v1.Health` require no token.
 */
export function requireToken(token: string): ServerInterceptor {
  const expected = digest(token);
  return (method, call) => {
    if (WITHOUT_TOKEN.test(method.path)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const problem = tokenProblem(metadata, expected);
            if (problem !== undefined) {
              call.sendStatus(statusOfError(new SnakepitError("UNAUTHENTICATED", problem)));
              return;
            }
            metadata.remove(TOKEN_KEY);
            pass(metadata);
          },
        }),
    });
  };
}

function tokenProblem(metadata: Metadata, expected: Buffer): string | undefined {
  const values = metadata.get(TOKEN_KEY);
  const [, given] = BEARER.exec(String(values[0] ?? "")) ?? [];
  if (values.length !== 1 || given === undefined) {
    return "the call must have a token; send the metadata authorization: Bearer <token>";
  }
  // All digests have the same length, so the time of the comparison reveals nothing about the token.
  return timingSafeEqual(digest(given), expected)
    ? undefined
    : "the token is invalid; send the token that the host was configured with";
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
