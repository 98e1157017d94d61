import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { withOrigin } from "../calls/call-errors.ts";

/** Returns the launcher's error with the pool and the worker. */
export function startFailure(thrown: unknown, pool: string, workerId: string): SnakepitError {
  const error = toSnakepitError(thrown, "WORKER_START_FAILED", `worker "${workerId}" could not be started`);
  return withOrigin(error, { pool, workerId });
}

/** Returns the error of a launch that exceeded its time limit without a report of its launcher. */
export function startOverdue(startTimeoutMs: number, pool: string, workerId: string): SnakepitError {
  return new SnakepitError(
    "WORKER_START_FAILED",
    `worker "${workerId}" was not ready within ${startTimeoutMs} ms; increase startTimeoutMs, or find out what delays its start`,
    { pool, workerId, startFailure: "timed-out", details: { startTimeoutMs } },
  );
}

/** Whether a retry is pointless without a change of the code or the environment. */
export function isPermanent(error: SnakepitError): boolean {
  return error.startFailure === "permanent";
}

/** Whether a start exceeded its time limit. */
export function isOverdue(error: SnakepitError): boolean {
  return error.startFailure === "timed-out";
}
