/** Identifies a process uniquely. A PID alone does not, because PIDs are reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time of the process, as reported by the operating system. Compared, never interpreted. */
  readonly startTime: string;
}

/** A worker or zygote that will be started. */
export interface Reservation {
  readonly workerId: string;
  readonly pool: string;
  readonly role: "worker" | "zygote";
}

/** A process that was started for a reservation. */
export interface Activation extends ProcessIdentity {
  readonly workerId: string;
  /** The process group, which is killed as a whole. */
  readonly processGroup: number;
}

/**
 * Records every process that Snakepit starts, so that none outlives its host. The change of a method is committed when
 * its promise resolves. All methods reject with `REGISTRY_UNAVAILABLE` if the database cannot be reached, and with
 * `SHUTTING_DOWN` after `close()`.
 */
export interface ProcessRegistry {
  /** ID of this run of the host; each process has it in the environment variable `SNAKEPIT_RUN_ID`. */
  readonly runId: string;
  /** Records processes before they are started. */
  reserve(reservations: readonly Reservation[]): Promise<void>;
  /** Records the identities of started processes. IDs without a reservation have been released and are ignored. */
  activate(activations: readonly Activation[]): Promise<void>;
  /** Removes the records of processes that have ended. Unknown IDs are ignored. */
  release(workerIds: readonly string[]): Promise<void>;
  /** Returns the records of the processes of this host. Absent in a registry that cannot list them. */
  list?(): Promise<readonly ProcessRecord[]>;
  /** Kills the processes that dead hosts left on this machine, and removes their records. */
  sweep(): Promise<SweepReport>;
  /**
   * Removes the record of this host, unless it has processes, and closes the database.
   *
   * @param options.waitMs milliseconds to wait for the database. After that, it is closed anyway and the promise
   *   rejects; a later sweep removes the remaining records. Default: the time limit of the other methods.
   */
  close(options?: { readonly waitMs?: number | undefined }): Promise<void>;
}

/** The record of a process: reserved before it starts, active afterward. Times are ISO 8601 in UTC. */
export interface ProcessRecord extends Reservation {
  readonly state: "reserved" | "active";
  readonly pid?: number | undefined;
  readonly startTime?: string | undefined;
  readonly processGroup?: number | undefined;
  readonly reservedAt: string;
  readonly activatedAt?: string | undefined;
}

/** The result of a sweep. */
export interface SweepReport {
  /** Number of dead hosts whose rows were deleted. */
  readonly hosts: number;
  /** The killed processes. */
  readonly killed: readonly ProcessIdentity[];
  /** Number of deleted rows. */
  readonly rows: number;
}
