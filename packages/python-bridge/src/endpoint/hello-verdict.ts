import { errorOfFailure, type Frame, type Hello, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { describeValue, SnakepitError } from "@snakepit/core";
import type { Expectations, OpenExpectation } from "./expectations.ts";

/** How to respond to the first frame of a connection. */
export type HelloVerdict =
  /** An expected worker that is ready for calls. */
  | { readonly is: "accept"; readonly hello: Hello; readonly expectation: OpenExpectation }
  /** An expected worker that cannot be used: its launch fails. */
  | { readonly is: "fail-launch"; readonly expectation: OpenExpectation; readonly error: SnakepitError }
  /** Not an expected worker. Launches continue: an unknown client must not be able to end one. */
  | { readonly is: "reject"; readonly error: SnakepitError };

/** Returns how to respond to the first frame of a connection. */
export function checkFirstFrame(frame: Frame, expectations: Expectations): HelloVerdict {
  if (frame.kind?.$case !== "hello") {
    const kind = frame.kind?.$case ?? "unknown";
    return reject("PROTOCOL_MISMATCH", `the first frame of a connection must be hello; got ${kind}`);
  }
  const hello = frame.kind.value;
  const expectation = expectations.find(hello.workerId);
  if (expectation === undefined || !expectation.accepts(hello.token)) {
    return reject(
      "UNAUTHENTICATED",
      `the token of a connection for worker ${describeValue(hello.workerId)} is invalid`,
    );
  }
  if (expectation.met) {
    return reject("UNAUTHENTICATED", `the token of worker "${hello.workerId}" was already used`);
  }
  const error = launchError(hello, expectation.worker.pool);
  return error === undefined ? { is: "accept", hello, expectation } : { is: "fail-launch", expectation, error };
}

function launchError(hello: Hello, pool: string): SnakepitError | undefined {
  const { workerId, protocol, failure } = hello;
  if (protocol !== PROTOCOL_VERSION) {
    const bridgeVersion = hello.runtime?.bridgeVersion ?? "unknown";
    return new SnakepitError(
      "PROTOCOL_MISMATCH",
      `worker "${workerId}" (snakepit-bridge ${bridgeVersion}) must use protocol version ${PROTOCOL_VERSION}; got ${protocol}; install the matching package: npx snakepit setup`,
      {
        pool,
        workerId,
        startFailure: "permanent",
        details: { theirs: protocol, ours: PROTOCOL_VERSION, bridgeVersion },
      },
    );
  }
  if (failure === undefined) return undefined;
  const { permanent, ...details } = failure.details;
  const startFailure = permanent === "true" ? "permanent" : "temporary";
  const reported = errorOfFailure({ ...failure, details }, { pool, workerId, startFailure });
  if (reported.code === "WORKER_START_FAILED") return reported;
  return new SnakepitError("WORKER_START_FAILED", reported.message, {
    pool,
    workerId,
    startFailure,
    details: { ...reported.details, reportedCode: failure.code },
    cause: reported,
    ...(reported.python === undefined ? {} : { python: reported.python }),
  });
}

function reject(code: "PROTOCOL_MISMATCH" | "UNAUTHENTICATED", message: string): HelloVerdict {
  return { is: "reject", error: new SnakepitError(code, message) };
}
