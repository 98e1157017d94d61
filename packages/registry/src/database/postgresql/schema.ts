/**
 * The first numbers of Snakepit's advisory locks in PostgreSQL; the second number identifies the object. Functions of
 * the schema contain some of them, so they must not change.
 */
export const ADVISORY_LOCKS = {
  /** Shared by hosts that create a session without counting, exclusive for a host that counts. */
  newSessions: 1_397_639_201,
  /** For who makes an entry in a scope, and has to count. */
  newEntries: 1_397_639_202,
  /** Held by every connection that may write state, with the connection's number. */
  stateConnection: 1_397_639_203,
} as const;

/** The schema that keeps Snakepit's tables apart from everything else in a PostgreSQL database. */
export const SCHEMA = "snakepit";
