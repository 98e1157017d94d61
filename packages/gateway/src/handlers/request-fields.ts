import { SnakepitError } from "@snakepit/core";

/**
 * Returns the session that a request must name.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it is missing.
 */
export function namedSession(sessionId: string): string {
  if (sessionId !== "") return sessionId;
  throw new SnakepitError("INVALID_ARGUMENT", "session_id must not be empty; create a session with InitializeSession");
}

/**
 * Returns the session that a request may name; `undefined` when the field is not set. An empty ID is rejected: it is
 * more likely a mistake.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the ID is empty.
 */
export function optionalSession(sessionId: string | undefined): string | undefined {
  return sessionId === undefined ? undefined : namedSession(sessionId);
}

/** Returns the pool that a request names; `undefined` for the default pool. */
export function optionalPool(pool: string): string | undefined {
  return pool === "" ? undefined : pool;
}

/** Returns the scope that a request names: its session, or the global scope without one. */
export function scopeOf(request: { readonly sessionId?: string | undefined }): {
  readonly sessionId: string | undefined;
  readonly scope: "session" | "global";
} {
  const sessionId = optionalSession(request.sessionId);
  return { sessionId, scope: sessionId === undefined ? "global" : "session" };
}
