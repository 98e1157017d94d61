import { hostname } from "node:os";
import {
  type Activation,
  type ProcessRegistry,
  type Reservation,
  type SnakepitError,
  type SweepReport,
  toSnakepitError,
} from "@snakepit/core";
import type { Kysely } from "kysely";
import { databaseClosed, databaseUnavailable } from "./database/database-fault.ts";
import { within } from "./database/open-and-close.ts";
import type { RegistryDatabase } from "./database/registry-database.ts";
import type { Tables } from "./database/tables.ts";
import type { HostIdentity } from "./host/host-identity.ts";
import { migrate } from "./migrations/migrate.ts";
import { addHost, forgetIdleHost } from "./queries/hosts.ts";
import { activate, release, reserve } from "./queries/processes.ts";
import { sweep } from "./sweep/sweep.ts";

/** The process registry on a database. Each method is one committed statement, however many processes it is about. */
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

  async sweep(): Promise<SweepReport> {
    this.#checkOpen();
    try {
      return await sweep(this.#database, this.#host);
    } catch (thrown) {
      throw toSnakepitError(thrown, "INTERNAL", "what dead hosts left behind cannot be ended");
    }
  }

  close({ waitMs }: { readonly waitMs?: number | undefined } = {}): Promise<void> {
    this.#closing ??= this.#end(waitMs);
    return this.#closing;
  }

  async #end(waitMs: number | undefined): Promise<void> {
    const forgetting = this.#database.use((db) => forgetIdleHost(db, this.runId));
    try {
      await (waitMs === undefined ? forgetting : within(waitMs, forgetting, () => this.#tooLate()));
    } catch (thrown) {
      this.#database.breakOff();
      throw thrown;
    } finally {
      await this.#database.close();
    }
  }

  #tooLate(): SnakepitError {
    const { purpose, place } = this.#database;
    // Not with the time: what is left of it may be 0 ms, after other operations have waited.
    const reason = "it did not answer in time while the host closed";
    return databaseUnavailable(purpose, place, { reason, remedy: "the next host removes the rows that are left" });
  }

  #use<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
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
