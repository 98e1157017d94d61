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
    `session "${id}" ended at ${new Date(expiresAt).toISOString()}, when it had not been used for ${ttlMs} ms (ttlMs); session("${id}") creates a new one`,
    { details: { sessionId: id, ttlMs, expiresAt } },
  );
}

/** The session that was meant has ended, and its id belongs to another one. */
export function anotherSession(id: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `the session "${id}" in which this call was made has ended, and its id belongs to another session; close sessions when their calls are done, and give them a ttlMs that is longer than calls take`,
    { details: { sessionId: id } },
  );
}

/** Why a session cannot be used: it has expired, or does not exist. */
export function sessionGone(id: string, record: SessionRecord | undefined): SnakepitError {
  return record === undefined ? unknownSession(id) : sessionExpired(record);
}

/** The quota of sessions is used up. */
export function tooManySessions(id: string, sessions: number, maxSessions: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `session "${id}" was not created: ${sessions} of ${maxSessions} sessions are active (sessions: { maxSessions }); close those that are done, or give them a shorter ttlMs`,
    { details: { sessionId: id, sessions, maxSessions } },
  );
}

/** Other writers were faster too often. */
export function tooMuchContention(id: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" was changed by others each of the ${attempts} times that this change was tried; try again later, change it less often, or in fewer places`,
    { details: { sessionId: id, reason: "version", attempts } },
  );
}

/** The session does not have the version that the writer expected. */
export function wrongSessionVersion({ id, version }: SessionRecord, expected: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" has version ${version}, not ${expected}: it was changed elsewhere; read it again, and retry`,
    { details: { sessionId: id, reason: "version", version, expected } },
  );
}

/** A store did not answer in time when its host closed. */
export function storeHangs(kind: string, waitedMs: number): SnakepitError {
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the "${kind}" store of sessions has not answered within ${waitedMs} ms of closing; the last uses of sessions may not be recorded, so that they expire earlier`,
    { details: { store: kind, waitedMs } },
  );
}

/** The host of the sessions has closed. */
export function hostClosed(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the host is closed and tracks no sessions any more; start another one");
}
