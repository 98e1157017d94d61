/** Names one process beyond doubt: pids are reused, so a pid alone does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, as the operating system reports it; compared, never interpreted. */
  readonly startTime: string;
}

/** A worker or zygote about to be started. */
export interface Reservation {
  readonly workerId: string;
  readonly pool: string;
  readonly role: "worker" | "zygote";
}

/** A process that was started for a reservation. */
export interface Activation extends ProcessIdentity {
  readonly workerId: string;
  /** Process group, killed as a whole. */
  readonly processGroup: number;
}

/**
 * Remembers every process that Snakepit starts, so that none outlives its host. Each method has committed when its
 * promise resolves. All reject with `REGISTRY_UNAVAILABLE` when the store cannot be reached, and with `SHUTTING_DOWN` once it
 * is closed.
 */
export interface ProcessRegistry {
  /** The id of this host's run; in the environment of each process as `SNAKEPIT_RUN_ID`. */
  readonly runId: string;
  /** Before the processes are started. */
  reserve(reservations: readonly Reservation[]): Promise<void>;
  /** After they were started. Ids without a reservation are ignored: they were released meanwhile. */
  activate(activations: readonly Activation[]): Promise<void>;
  /** After they are gone. Unknown ids are ignored. */
  release(workerIds: readonly string[]): Promise<void>;
  /** Ends what dead hosts of this machine left behind, and forgets it. */
  sweep(): Promise<SweepReport>;
  /**
   * Removes what names this host, unless it has processes, and closes the store.
   *
   * @param options.waitMs milliseconds to wait for the store before it is closed all the same and the promise rejects; what
   *   is left is removed by a later sweep. As long as any other method by default.
   */
  close(options?: { readonly waitMs?: number | undefined }): Promise<void>;
}

/** What a sweep found of hosts that are dead. */
export interface SweepReport {
  /** Hosts whose rows were cleared. */
  readonly hosts: number;
  /** Processes that were still alive and have been killed. */
  readonly killed: readonly ProcessIdentity[];
  /** Rows removed. */
  readonly rows: number;
}
