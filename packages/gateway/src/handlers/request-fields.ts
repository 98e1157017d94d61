import { SnakepitError } from "@snakepit/core";

/**
 * Returns the session that a request must name.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it names none.
 */
export function namedSession(sessionId: string): string {
  if (sessionId !== "") return sessionId;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    "session_id is missing; InitializeSession creates a session and returns its id",
  );
}

/**
 * Returns the session that a request may name. An empty name is rejected: it is more likely a mistake.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the name is empty.
 */
export function optionalSession(sessionId: string | undefined): string | undefined {
  return sessionId === undefined ? undefined : namedSession(sessionId);
}

/** Returns the pool that a request names; `undefined` for the default pool. */
export function optionalPool(pool: string): string | undefined {
  return pool === "" ? undefined : pool;
}
