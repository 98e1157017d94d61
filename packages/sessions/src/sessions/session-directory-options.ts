/** What a `SessionDirectory` goes by. Times are milliseconds. */
export interface SessionDirectoryOptions {
  /** How long a session lives without being used, when its maker does not say. */
  readonly ttlMs: number;
  /** How many sessions may be alive. */
  readonly maxSessions: number;
  /** How long what was read from a shared store is believed. */
  readonly maxStaleMs: number;
  /** Time between sweeps of sessions that are over; `Infinity` never sweeps by itself. */
  readonly sweepIntervalMs: number;
}

/** Who hears of sessions, and knows who works for them. */
export interface SessionListener {
  /** This host has made a session. */
  created(id: string): void;
  /** A session that this host worked for is over, whoever ended it. */
  ended(id: string): void;
  /** The worker of this host that executed the last call of a session, if one did. */
  lastWorkerOf(id: string): string | undefined;
  /** The store could not be reached in the background; it is tried again. */
  storeFailed(error: unknown): void;
}
