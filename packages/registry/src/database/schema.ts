import type { EntryKind } from "@snakepit/core";

/** The schema of all Snakepit tables in a PostgreSQL database. */
export const SCHEMA = "snakepit";

/**
 * The first keys of the advisory locks in PostgreSQL; the second key identifies the object. Functions of the schema
 * contain some of them, so they must not change.
 */
export const ADVISORY_LOCKS = {
  /** Shared while a host creates a session without counting, exclusive while a host counts sessions. */
  newSessions: 1_397_639_201,
  /** Held while a host counts and creates entries in a scope. */
  newEntries: 1_397_639_202,
  /** Held by each connection that may write state, with its connection number as the second key. */
  stateConnection: 1_397_639_203,
} as const;

/** All migrations for both databases, in the order in which they run. A released migration is never changed. */
export const MIGRATION_NAMES = ["001-processes", "002-state", "003-session-generation"] as const;

/** The types of the tables for Kysely. The migrations create them. */
export interface Tables {
  readonly hosts: HostRow;
  readonly processes: ProcessRow;
  readonly sessions: SessionRow;
  readonly entries: EntryRow;
}

/** A host: a process that owns workers. Times are ISO 8601 in UTC. */
export interface HostRow {
  readonly run_id: string;
  /** A hash of the machine and the user. */
  readonly host_id: string;
  /** The name of the machine, for administrators. */
  readonly host_name: string;
  readonly boot_id: string;
  readonly pid_namespace: string;
  readonly pid: number;
  readonly start_time: string;
  readonly started_at: string;
}

/** A process of a host: reserved before it starts, active afterward. */
export interface ProcessRow {
  readonly run_id: string;
  readonly worker_id: string;
  readonly pool: string;
  readonly role: "worker" | "zygote";
  readonly state: "reserved" | "active";
  readonly pid: number | null;
  readonly start_time: string | null;
  readonly process_group: number | null;
  readonly reserved_at: string;
  readonly activated_at: string | null;
}

/**
 * A session or, with the ID "", the global scope. Times are milliseconds since 1970, as floating-point numbers, because
 * some are infinite.
 */
export interface SessionRow {
  readonly id: string;
  /** Chosen by the creator. It distinguishes successive sessions with the same ID. */
  readonly generation: string;
  readonly version: number;
  /** JSON. */
  readonly metadata: string;
  readonly created_at: number;
  readonly used_at: number;
  readonly ttl_ms: number;
  /** `used_at + ttl_ms`, with an index. */
  readonly expires_at: number;
  readonly last_worker: string | null;
}

/** A variable or a program. The previous value is null after the first write. */
export interface EntryRow {
  /** The ID of the session, or "" for the global scope. */
  readonly scope: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly value: Uint8Array;
  /** JSON. */
  readonly attributes: string;
  readonly version: number;
  readonly revision: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly updated_by: string;
  readonly previous_value: Uint8Array | null;
  readonly previous_version: number | null;
  readonly previous_updated_at: number | null;
  readonly previous_updated_by: string | null;
}
