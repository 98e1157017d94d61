import { type SessionRecord, SnakepitError } from "@snakepit/core";

/** The session does not exist. */
export function unknownSession(id: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `unknown session "${id}": it was never created, was closed, or expired long ago; create it with session("${id}")`,
    { details: { sessionId: id } },
  );
}

/** The session is still in the store, but has expired. */
export function sessionExpired({ id, ttlMs, expiresAt }: SessionRecord): SnakepitError {
  return new SnakepitError(
    "SESSION_EXPIRED",
    `session "${id}" expired at ${new Date(expiresAt).toISOString()} after ${ttlMs} ms without use (ttlMs); session("${id}") creates a new one`,
    { details: { sessionId: id, ttlMs, expiresAt } },
  );
}

/** The session of the call has ended, and another session has its ID. */
export function anotherSession(id: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `the session "${id}" of this call has ended, and another session has its ID; close a session only after its calls, and choose a ttlMs that is longer than a call`,
    { details: { sessionId: id } },
  );
}

/** Returns why a session cannot be used: it has expired, or it does not exist. */
export function sessionGone(id: string, record: SessionRecord | undefined): SnakepitError {
  return record === undefined ? unknownSession(id) : sessionExpired(record);
}

/** The maximum number of sessions is reached. */
export function tooManySessions(id: string, sessions: number, maxSessions: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `session "${id}" was not created: ${sessions} of ${maxSessions} sessions are active (sessions: { maxSessions }); close unused sessions, or use a shorter ttlMs`,
    { details: { sessionId: id, sessions, maxSessions } },
  );
}

/** The update conflicted with other writers too often. */
export function tooMuchContention(id: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" was changed concurrently in each of ${attempts} attempts; retry later, or change it less often`,
    { details: { sessionId: id, reason: "version", attempts } },
  );
}

/** The session does not have the version that the writer expected. */
export function wrongSessionVersion({ id, version }: SessionRecord, expected: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" has version ${version}, not ${expected}: it was changed concurrently; read it again, and retry`,
    { details: { sessionId: id, reason: "version", version, expected } },
  );
}

/** A store did not respond in time when its host closed. */
export function storeUnresponsive(kind: string, waitedMs: number): SnakepitError {
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the "${kind}" session store did not respond within ${waitedMs} ms of closing; the last uses of sessions may not be persisted, so sessions may expire early`,
    { details: { store: kind, waitedMs } },
  );
}

/** The host of the sessions has closed. */
export function hostClosed(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the host is closed; start a new one to use sessions");
}
