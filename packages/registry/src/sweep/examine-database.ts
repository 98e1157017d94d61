import type { ProcessIdentity, SnakepitError } from "@snakepit/core";
import { databaseUnavailable } from "../database/database-fault.ts";
import type { RegistryConnection, RegistryDatabase } from "../database/registry-database.ts";
import { sqliteFault } from "../database/sqlite/sqlite-fault.ts";
import type { HostIdentity } from "../host/host-identity.ts";
import { schemaState } from "../migrations/migrate.ts";
import { readProcessTable } from "../process-identity/process-table.ts";
import { hostsSeenFrom } from "../queries/hosts.ts";
import { processesOfRuns } from "../queries/processes.ts";
import { findLeftovers } from "./find-leftovers.ts";
import { identityOf, isAlive } from "./sweep.ts";

/** A host of this machine that has ended without removing its row, and its processes that are still running. */
export interface DeadHost {
  readonly runId: string;
  /** The process ID that it had. */
  readonly pid: number;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly processes: readonly ProcessIdentity[];
}

/** The state of a process registry. */
export type RegistryExamination =
  /** The file does not exist; the first host creates it. */
  | { readonly is: "missing"; readonly place: string }
  /** The file has no valid content. */
  | { readonly is: "corrupt"; readonly place: string; readonly error: SnakepitError }
  | {
      readonly is: "usable";
      readonly place: string;
      /** Whether the next host migrates the schema, which is of an earlier version. */
      readonly needsMigration: boolean;
      /** The running hosts of this machine. */
      readonly hosts: number;
      readonly deadHosts: readonly DeadHost[];
    };

/**
 * Examines an open database without changing it.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
 */
export async function examineDatabase(database: RegistryDatabase, self: HostIdentity): Promise<RegistryExamination> {
  const { place } = database;
  const schema = await database.use(async (connection) => {
    if (database.kind === "sqlite") await checkContent(connection, database);
    return await schemaState(connection, database);
  });
  // An earlier schema may have other tables.
  if (schema === "earlier") return { is: "usable", place, needsMigration: true, hosts: 0, deadHosts: [] };
  const hosts = await database.use((connection) => hostsSeenFrom(connection, self));
  const alive = hosts.filter((host) => isAlive(host, self));
  const dead = hosts.filter((host) => !alive.includes(host));
  // After a reboot, the processes of a host have ended.
  const runIds = dead.filter((host) => host.boot_id === self.bootId).map((host) => host.run_id);
  const leftovers = findLeftovers(runIds.length === 0 ? [] : readProcessTable(), {
    runIds: new Set(runIds),
    rows: await database.use((connection) => processesOfRuns(connection, runIds)),
    spared: [self, ...alive.map(identityOf)],
  });
  const deadHosts = dead.map((host) => ({
    runId: host.run_id,
    pid: host.pid,
    startedAt: host.started_at,
    processes: leftovers.filter(({ runId }) => runId === host.run_id),
  }));
  return { is: "usable", place, needsMigration: false, hosts: alive.length, deadHosts };
}

/**
 * Checks the content of a SQLite file: it reads only the pages that a statement needs, so a file may be partly corrupt
 * and still be opened.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
 */
export async function checkContent(
  connection: RegistryConnection,
  { purpose, place }: RegistryDatabase,
): Promise<void> {
  const [result] = await connection.run<{ readonly quick_check: string }>("pragma quick_check(1)");
  if (result === undefined || result.quick_check === "ok") return;
  const corrupt = { errcode: SQLITE_CORRUPT };
  throw databaseUnavailable(purpose, place, sqliteFault(corrupt), corrupt);
}

/** The result code for corrupt content (https://www.sqlite.org/rescode.html#corrupt). */
const SQLITE_CORRUPT = 11;
