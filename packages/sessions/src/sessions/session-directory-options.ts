import type { SessionCounts } from "@snakepit/core";
import type { WriteTurns } from "../updates/write-turns.ts";
import type { SessionMetadata } from "./session-metadata.ts";

/** Options of a `SessionDirectory`. Times are milliseconds. */
export interface SessionDirectoryOptions {
  /** The time to live of a session that is created without one. */
  readonly ttlMs: number;
  /** The maximum number of active sessions. */
  readonly maxSessions: number;
  /** How long a value read from a shared store is used without reading it again. */
  readonly maxStaleMs: number;
  /** The time between sweeps of expired sessions; `Infinity` disables them. */
  readonly sweepIntervalMs: number;
  /** The turns of the writes of the host. */
  readonly turns: WriteTurns;
}

/** Options of a new session. */
export interface NewSession {
  /** Milliseconds without use after which the session expires; `Infinity` for never. */
  readonly ttlMs?: number | undefined;
  readonly metadata?: SessionMetadata | undefined;
}

/** Statistics of the sessions of a store. */
export interface SessionStats extends SessionCounts {
  /** Active sessions that calls on this host have used. */
  readonly tracked: number;
  /** The kind of the store. */
  readonly store: string;
}

/** Receives session events and looks up the workers of sessions. */
export interface SessionListener {
  /** This host created a session. */
  created(id: string): void;
  /** A session that this host tracked has ended, on this host or another one. */
  ended(id: string): void;
  /** Returns the worker of this host that executed the last call of a session; `undefined` if there was no call. */
  lastWorkerOf(id: string): string | undefined;
  /** Background access to the store failed; it is retried. */
  storeFailed(error: unknown): void;
}
