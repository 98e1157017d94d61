import { type SessionRecord, SnakepitError } from "@snakepit/core";

/** Nothing is known of the session. */
export function unknownSession(id: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `there is no session "${id}": it was never made, was closed, or was over long ago; make it with session("${id}")`,
    { details: { sessionId: id } },
  );
}

/** The session is still written down, but over. */
export function sessionExpired({ id, ttlMs, expiresAt }: SessionRecord): SnakepitError {
  return new SnakepitError(
    "SESSION_EXPIRED",
    `session "${id}" ended at ${new Date(expiresAt).toISOString()}, when it had not been used for ${ttlMs} ms (ttlMs); session("${id}") makes a new one`,
    { details: { sessionId: id, ttlMs, expiresAt } },
  );
}

/** The session that was meant is over, and its id belongs to another one. */
export function anotherSession(id: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `the session "${id}" in which this call was made is over, and the one that has its id now is another; close sessions when their calls are done, and give them a ttlMs that is longer than calls take`,
    { details: { sessionId: id } },
  );
}

/** Why a session cannot be used: it is over, or not there. */
export function sessionGone(id: string, record: SessionRecord | undefined): SnakepitError {
  return record === undefined ? unknownSession(id) : sessionExpired(record);
}

/** There are as many sessions as there may be. */
export function tooManySessions(id: string, sessions: number, maxSessions: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `session "${id}" cannot be made: ${sessions} sessions are alive and ${maxSessions} may be (sessions: { maxSessions }); close those that are done, or give them a shorter ttlMs`,
    { details: { sessionId: id, sessions, maxSessions } },
  );
}

/** Somebody else has been faster too often. */
export function tooMuchContention(id: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" was changed by others each of the ${attempts} times that this change was tried; try again later, change it less often, or in fewer places`,
    { details: { sessionId: id, reason: "version", attempts } },
  );
}

/** The session is not in the state that the writer believed. */
export function wrongSessionVersion({ id, version }: SessionRecord, expected: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `session "${id}" has version ${version}, not ${expected}: somebody has changed it; read it again, and decide anew`,
    { details: { sessionId: id, reason: "version", version, expected } },
  );
}

/** A store was not waited for any longer when its host closed. */
export function storeHangs(kind: string, waitedMs: number): SnakepitError {
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the "${kind}" store of sessions has not answered within ${waitedMs} ms of closing; the last uses of sessions may not be written down, so that they end earlier`,
    { details: { store: kind, waitedMs } },
  );
}

/** The host that was to look after sessions has closed. */
export function hostClosed(): SnakepitError {
  return new SnakepitError(
    "SHUTTING_DOWN",
    "the host is closed and looks after no sessions any more; start another one",
  );
}
