import type { ProcessRegistry } from "@snakepit/core";
import type { RegistryDatabase } from "../database/registry-database.ts";
import type { HostRow, ProcessRow } from "../database/schema.ts";
import { type HostIdentity, identifyHost } from "../host/host-identity.ts";
import { stateDirectory } from "../location/state-directory.ts";
import { openRegistry, type RegistryOptions } from "../open-registry.ts";

/** An empty database for one test, and direct access to its rows. */
export class RegistryFixture {
  /** The options for a registry on the database. */
  readonly options: RegistryOptions;
  readonly database: RegistryDatabase;
  readonly #registries: ProcessRegistry[] = [];

  constructor(options: RegistryOptions, database: RegistryDatabase) {
    this.options = options;
    this.database = database;
  }

  /** Opens a registry, within a time limit that a machine under load does not exceed. The fixture closes it. */
  async open(options: RegistryOptions = {}): Promise<ProcessRegistry> {
    const registry = await openRegistry({ connectTimeoutMs: 60_000, ...this.options, ...options });
    this.#registries.push(registry);
    return registry;
  }

  hosts(): Promise<readonly HostRow[]> {
    return this.database.use((db) => db.run("select * from {hosts} order by run_id"));
  }

  processes(): Promise<readonly ProcessRow[]> {
    return this.database.use((db) => db.run("select * from {processes} order by worker_id"));
  }

  /** Inserts the row of a host. Default: a dead host of this machine. */
  async addHost(runId: string, differing: Partial<HostRow> = {}): Promise<void> {
    const self: HostIdentity = identifyHost(stateDirectory());
    const host: HostRow = {
      run_id: runId,
      host_id: self.hostId,
      host_name: "test",
      boot_id: self.bootId,
      pid_namespace: self.pidNamespace,
      pid: self.pid,
      start_time: "a process that has ended",
      started_at: new Date().toISOString(),
      ...differing,
    };
    await this.#insert("hosts", { ...host });
  }

  /** Inserts the row of an active process. */
  async addProcess(runId: string, identity: { readonly pid: number; readonly startTime: string }): Promise<void> {
    const row: ProcessRow = {
      run_id: runId,
      worker_id: `worker-of-${runId}`,
      pool: "default",
      role: "worker",
      state: "active",
      pid: identity.pid,
      start_time: identity.startTime,
      process_group: identity.pid,
      reserved_at: new Date().toISOString(),
      activated_at: new Date().toISOString(),
    };
    await this.#insert("processes", { ...row });
  }

  async #insert(table: string, row: Readonly<Record<string, string | number | null>>): Promise<void> {
    const names = Object.keys(row);
    const values = names.map((name) => `:${name}`).join(", ");
    await this.database.use((db) => db.run(`insert into {${table}} (${names.join(", ")}) values (${values})`, row));
  }

  async close(): Promise<void> {
    for (const registry of this.#registries) await registry.close();
    await this.database.close();
  }
}
