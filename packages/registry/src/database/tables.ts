import type { EntryKind } from "@snakepit/core";

/** The tables as Kysely sees them; the migrations make them. */
export interface Tables {
  readonly hosts: HostRow;
  readonly processes: ProcessRow;
  readonly sessions: SessionRow;
  readonly entries: EntryRow;
}

/** A host: a process that owns workers. Times are ISO 8601 in UTC. */
export interface HostRow {
  readonly run_id: string;
  /** The machine and the user, hashed. */
  readonly host_id: string;
  /** The machine's name, for people. */
  readonly host_name: string;
  readonly boot_id: string;
  readonly pid_namespace: string;
  readonly pid: number;
  readonly start_time: string;
  readonly started_at: string;
}

/** A process that a host starts: reserved before, active after. */
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
 * A session or, with the id "", what is global. Times are milliseconds since 1970, and floating-point numbers, because
 * some are infinite.
 */
export interface SessionRow {
  readonly id: string;
  /** Chosen by who makes it; tells sessions apart that had the same id one after the other. */
  readonly generation: string;
  readonly version: number;
  /** JSON. */
  readonly metadata: string;
  readonly created_at: number;
  readonly used_at: number;
  readonly ttl_ms: number;
  /** `used_at + ttl_ms`, to be found by it. */
  readonly expires_at: number;
  readonly last_worker: string | null;
}

/** A variable or a program. What was there before the last write is null when there was only one. */
export interface EntryRow {
  /** The session's id, or "". */
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
