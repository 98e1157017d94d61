import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { withOrigin } from "../calls/call-errors.ts";

/** A launch failed: the launcher's error, with pool and worker. */
export function startFailure(thrown: unknown, pool: string, workerId: string): SnakepitError {
  const error = toSnakepitError(thrown, "WORKER_START_FAILED", `worker "${workerId}" could not be started`);
  return withOrigin(error, { pool, workerId });
}

/** A launch took too long and its launcher has not reported it. */
export function startOverdue(startTimeoutMs: number, pool: string, workerId: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `worker "${workerId}" was not ready within ${startTimeoutMs} ms; allow it more time (startTimeoutMs), or find what its start waits for`,
    { pool, workerId, startFailure: "timed-out", details: { startTimeoutMs } },
  );
}

/** Whether trying again without a change to code or set-up is pointless. */
export function isPermanent(error: SnakepitError): boolean {
  return error.startFailure === "permanent";
}

/** Whether a start took the whole time that it was allowed. */
export function isOverdue(error: SnakepitError): boolean {
  return error.startFailure === "timed-out";
}
