import { SnakepitError } from "@snakepit/core";

/** The error with which the link of a worker ends that has sent what it must not. */
export function protocolViolation(worker: { pool: string; workerId: string }, what: string): SnakepitError {
  const { pool, workerId } = worker;
  return new SnakepitError("PROTOCOL_MISMATCH", `worker ${workerId} sent ${what}`, { pool, workerId });
}
