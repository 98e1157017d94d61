import { SnakepitError } from "@snakepit/core";

/** Where an error belongs; what it says itself comes first. */
interface Whereabouts {
  readonly pool: string;
  readonly workerId?: string | undefined;
  readonly callId?: string | undefined;
}

/**
 * A copy of an error that knows where it belongs. Each caller gets a copy of its own, since several may fail for one
 * reason and the stack of each is to show its own code.
 */
export function restated(error: SnakepitError, where: Whereabouts): SnakepitError {
  const workerId = error.workerId ?? where.workerId;
  const callId = error.callId ?? where.callId;
  return new SnakepitError(error.code, error.message, {
    cause: error.cause,
    details: error.details,
    retryable: error.retryable,
    pool: error.pool ?? where.pool,
    ...(error.python !== undefined && { python: error.python }),
    ...(workerId !== undefined && { workerId }),
    ...(error.startFailure !== undefined && { startFailure: error.startFailure }),
    ...(callId !== undefined && { callId }),
  });
}
