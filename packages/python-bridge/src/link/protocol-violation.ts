import { SnakepitError } from "@snakepit/core";

/** Returns the error for a worker that violated the protocol; its link ends. */
export function protocolViolation(worker: { pool: string; workerId: string }, what: string): SnakepitError {
  const { pool, workerId } = worker;
  return new SnakepitError("PROTOCOL_MISMATCH", `worker "${workerId}" sent ${what}`, { pool, workerId });
}
