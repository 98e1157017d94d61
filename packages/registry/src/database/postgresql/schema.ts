/**
 * The first keys of the advisory locks in PostgreSQL; the second key identifies the object. Functions of the schema contain
 * some of them, so they must not change.
 */
export const ADVISORY_LOCKS = {
  /** Shared while a host creates a session without counting, exclusive while a host counts sessions. */
  newSessions: 1_397_639_201,
  /** Held while a host counts and creates entries in a scope. */
  newEntries: 1_397_639_202,
  /** Held by each connection that may write state, with its connection number as the second key. */
  stateConnection: 1_397_639_203,
} as const;

/** The schema of all Snakepit tables in a PostgreSQL database. */
export const SCHEMA = "snakepit";
