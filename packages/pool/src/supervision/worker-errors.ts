import { SnakepitError, toSnakepitError, type WorkerExit } from "@snakepit/core";
import { type WorkerFacts, withOrigin } from "../calls/call-errors.ts";

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

/** Returns the error of a worker that exited without being stopped. */
export function workerCrashed(pool: string, worker: WorkerFacts, exit: WorkerExit): SnakepitError {
  const { exitCode, signal, stderrTail, stacks, cause } = exit;
  const { workerId, pid } = worker.handle;
  const how =
    cause !== undefined
      ? cause.message
      : signal !== undefined
        ? `it was terminated by ${signal}`
        : exitCode !== undefined
          ? `it exited with status ${exitCode}`
          : "its exit status is unknown";
  const ended = cause?.code === "WORKER_HUNG" ? "hung" : "died";
  // The message of the cause ends with the stacks.
  const lastLines =
    stacks !== undefined || stderrTail.trim() === "" ? "" : `; last lines of stderr:\n${stderrTail.trimEnd()}`;
  return new SnakepitError(
    cause?.code ?? "WORKER_CRASHED",
    `worker "${workerId}" (pid ${pid}) ${ended}: ${how}${lastLines}`,
    {
      cause,
      pool,
      workerId,
      details: { ...cause?.details, pid, exitCode, signal, stderrTail, ...(stacks && { stacks }) },
    },
  );
}
