/** The tables of the registry as Kysely sees them; the migrations make them. */
export interface Tables {
  readonly hosts: HostRow;
  readonly processes: ProcessRow;
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
