import { errorOfFailure, type Frame, type Hello, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import type { Expectations, OpenExpectation } from "./expectations.ts";

/** What to make of the first frame of a connection. */
export type HelloVerdict =
  /** An expected worker that is ready. */
  | { readonly is: "accept"; readonly hello: Hello; readonly expectation: OpenExpectation }
  /** An expected worker that cannot be used: its launch fails. */
  | { readonly is: "fail-launch"; readonly expectation: OpenExpectation; readonly error: SnakepitError }
  /** Not an expected worker. A launch that waits for one continues: an unknown client must not be able to end it. */
  | { readonly is: "reject"; readonly error: SnakepitError };

/** Judges the first frame of a connection. */
export function judgeFirstFrame(frame: Frame, expectations: Expectations): HelloVerdict {
  if (frame.kind?.$case !== "hello") {
    const what = frame.kind?.$case ?? "a frame of an unknown kind";
    return reject("PROTOCOL_MISMATCH", `a connection began with ${what} and not with hello: no worker of Snakepit`);
  }
  const hello = frame.kind.value;
  const expectation = expectations.find(hello.workerId);
  if (expectation === undefined || !expectation.accepts(hello.token)) {
    return reject("UNAUTHENTICATED", `a connection claims to be worker ${hello.workerId} and has no valid token`);
  }
  if (expectation.met) {
    return reject("UNAUTHENTICATED", `the token of worker ${hello.workerId} was used already`);
  }
  const error = uselessBecause(hello, expectation.worker.pool);
  return error === undefined ? { is: "accept", hello, expectation } : { is: "fail-launch", expectation, error };
}

function uselessBecause(hello: Hello, pool: string): SnakepitError | undefined {
  const { workerId, protocol, failure } = hello;
  if (protocol !== PROTOCOL_VERSION) {
    const bridgeVersion = hello.runtime?.bridgeVersion ?? "unknown";
    return new SnakepitError(
      "PROTOCOL_MISMATCH",
      `worker ${workerId} (snakepit-bridge ${bridgeVersion}) speaks protocol ${protocol}, this host speaks ${PROTOCOL_VERSION}; install the snakepit-bridge that belongs to this version of Snakepit: npx snakepit setup`,
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
