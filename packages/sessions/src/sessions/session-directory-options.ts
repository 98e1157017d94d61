import type { SessionCounts } from "@snakepit/core";
import type { SessionMetadata } from "./session-metadata.ts";

/** Options of a `SessionDirectory`. Times are milliseconds. */
export interface SessionDirectoryOptions {
  /** Time to live of a session that is created without one. */
  readonly ttlMs: number;
  /** Most sessions that may be active. */
  readonly maxSessions: number;
  /** How long what was read from a shared store is trusted. */
  readonly maxStaleMs: number;
  /** Time between sweeps of expired sessions; `Infinity` disables them. */
  readonly sweepIntervalMs: number;
}

/** Options of a new session. */
export interface NewSession {
  /** Milliseconds after which it expires unless it is used; `Infinity` for never. */
  readonly ttlMs?: number | undefined;
  readonly metadata?: SessionMetadata | undefined;
}

/** Statistics of the sessions of a store. */
export interface SessionStats extends SessionCounts {
  /** Sessions that calls have been made in on this host. */
  readonly tracked: number;
  /** The kind of the store. */
  readonly store: string;
}

/** Is notified of sessions, and knows their workers. */
export interface SessionListener {
  /** This host created a session. */
  created(id: string): void;
  /** A session that this host tracked has ended, on whatever host. */
  ended(id: string): void;
  /** Returns the worker of this host that executed the last call of a session, if one did. */
  lastWorkerOf(id: string): string | undefined;
  /** The store could not be reached in the background; it is tried again. */
  storeFailed(error: unknown): void;
}
