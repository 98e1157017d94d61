import { hostname } from "node:os";
import {
  type Activation,
  type ProcessRecord,
  type ProcessRegistry,
  type Reservation,
  type SnakepitError,
  type SweepReport,
  toSnakepitError,
} from "@snakepit/core";
import { databaseClosed, databaseUnavailable } from "./database/database-fault.ts";
import { within } from "./database/open-and-close.ts";
import type { RegistryConnection, RegistryDatabase } from "./database/registry-database.ts";
import type { HostIdentity } from "./host/host-identity.ts";
import { migrate } from "./migrations/migrate.ts";
import { addHost, removeIdleHost } from "./queries/hosts.ts";
import { activate, processesOfRuns, recordOfRow, release, reserve } from "./queries/processes.ts";
import { sweep } from "./sweep/sweep.ts";

/** The process registry in a database. Each method commits one statement, for any number of processes. */
export class DatabaseRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #database: RegistryDatabase;
  readonly #host: HostIdentity;
  #closing: Promise<void> | undefined;

  private constructor(database: RegistryDatabase, runId: string, host: HostIdentity) {
    this.#database = database;
    this.runId = runId;
    this.#host = host;
  }

  /** Migrates the schema and records the host. Closes the database when that fails. */
  static async begin(database: RegistryDatabase, runId: string, host: HostIdentity): Promise<DatabaseRegistry> {
    try {
      await migrate(database);
      await database.use((db) => addHost(db, hostRow(runId, host)));
      return new DatabaseRegistry(database, runId, host);
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
  }

  async reserve(reservations: readonly Reservation[]): Promise<void> {
    if (reservations.length === 0) return;
    await this.#use((db) => reserve(db, this.runId, reservations));
  }

  async activate(activations: readonly Activation[]): Promise<void> {
    if (activations.length === 0) return;
    await this.#use((db) => activate(db, this.runId, activations));
  }

  async release(workerIds: readonly string[]): Promise<void> {
    if (workerIds.length === 0) return;
    await this.#use((db) => release(db, this.runId, workerIds));
  }

  async list(): Promise<readonly ProcessRecord[]> {
    const rows = await this.#use((db) => processesOfRuns(db, [this.runId]));
    return rows.map(recordOfRow);
  }

  async sweep(): Promise<SweepReport> {
    this.#checkOpen();
    try {
      return await sweep(this.#database, this.#host);
    } catch (thrown) {
      throw toSnakepitError(thrown, "INTERNAL", "sweeping the processes of dead hosts failed");
    }
  }

  close({ waitMs }: { readonly waitMs?: number | undefined } = {}): Promise<void> {
    this.#closing ??= this.#end(waitMs);
    return this.#closing;
  }

  async #end(waitMs: number | undefined): Promise<void> {
    const removal = this.#database.use((db) => removeIdleHost(db, this.runId));
    try {
      await (waitMs === undefined ? removal : within(waitMs, removal, () => this.#closeTimeout()));
    } catch (thrown) {
      this.#database.breakOff();
      throw thrown;
    } finally {
      await this.#database.close();
    }
  }

  #closeTimeout(): SnakepitError {
    const { purpose, place } = this.#database;
    // The message does not state the time, because 0 ms may be left after other operations.
    const reason = "it did not answer in time while the host was closing";
    return databaseUnavailable(purpose, place, { reason, remedy: "the next host removes the remaining rows" });
  }

  #use<Result>(work: (db: RegistryConnection) => Promise<Result>): Promise<Result> {
    this.#checkOpen();
    return this.#database.use(work);
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw databaseClosed(this.#database.purpose, this.#database.place);
  }
}

function hostRow(runId: string, host: HostIdentity) {
  return {
    run_id: runId,
    host_id: host.hostId,
    host_name: hostname(),
    boot_id: host.bootId,
    pid_namespace: host.pidNamespace,
    pid: host.pid,
    start_time: host.startTime,
    started_at: new Date().toISOString(),
  };
}
