import { SnakepitError } from "@snakepit/core";

/**
 * The session that a request must name.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it names none.
 */
export function namedSession(sessionId: string): string {
  if (sessionId !== "") return sessionId;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    "session_id is missing; InitializeSession makes a session and tells its id",
  );
}

/**
 * The session that a request may name. A name that is empty is more likely a mistake than meant as none.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the name is empty.
 */
export function optionalSession(sessionId: string | undefined): string | undefined {
  return sessionId === undefined ? undefined : namedSession(sessionId);
}
