import { existsSync } from "node:fs";
import { newRunId, type ProcessRegistry } from "@snakepit/core";
import { PROCESS_REGISTRY } from "./database/database-fault.ts";
import { unlessAborted } from "./database/open-and-close.ts";
import type { RegistryDatabase } from "./database/registry-database.ts";
import { openSqlite } from "./database/sqlite/open-sqlite.ts";
import { DatabaseRegistry } from "./database-registry.ts";
import { identifyHost } from "./host/host-identity.ts";
import { type DatabaseLocation, locateDatabase } from "./location/database-location.ts";
import { stateDirectory } from "./location/state-directory.ts";
import { migrate } from "./migrations/migrate.ts";
import { type LeftoverProcess, leftoversOf } from "./sweep/list-leftovers.ts";

/** The options of {@link openRegistry}. Default location: the file `registry.db` in the state directory of the user. */
export interface RegistryOptions {
  /** URL of a PostgreSQL database, for example `postgres://user:password@host:5432/name`. Excludes `path`. */
  readonly url?: string | undefined;
  /** Path of a SQLite file. A missing file or directory is created. Excludes `url`. */
  readonly path?: string | undefined;
  /** The run ID of this host. Default: a new ID. */
  readonly runId?: string | undefined;
  /** Time limit for connecting to PostgreSQL, in milliseconds. Default: 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Cancels the opening. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens the process registry and records this host in it. Does not sweep.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the database cannot be used, `INVALID_CONFIG` when the location is
 *   invalid, `CANCELLED` when `signal` aborts. Messages contain the file or the server, without its password, and the
 *   remedy.
 *
 * @example
 * const registry = await openRegistry({ path: "./registry.db" });
 * await registry.sweep();
 * await registry.reserve([{ workerId: "default-1", pool: "default", role: "worker" }]);
 */
export async function openRegistry(options: RegistryOptions = {}): Promise<ProcessRegistry> {
  const { signal, runId = newRunId(), connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const location = locateDatabase(PROCESS_REGISTRY, options.url, options.path);
  return await unlessAborted(PROCESS_REGISTRY, signal, () => open(location, runId, connectTimeoutMs));
}

/**
 * Returns the processes that dead hosts of this machine have left, without ending them and without recording this
 * process as a host. Empty if the database does not exist.
 *
 * @throws SnakepitError like {@link openRegistry}.
 */
export async function listLeftovers(options: Omit<RegistryOptions, "runId"> = {}): Promise<readonly LeftoverProcess[]> {
  const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const location = locateDatabase(PROCESS_REGISTRY, options.url, options.path);
  if (location.is === "sqlite" && !existsSync(location.path)) return [];
  const database = await unlessAborted(PROCESS_REGISTRY, signal, () => openDatabase(location, connectTimeoutMs));
  try {
    await migrate(database);
    return await leftoversOf(database, identifyHost(stateDirectory()));
  } finally {
    await database.close();
  }
}

async function open(location: DatabaseLocation, runId: string, connectTimeoutMs: number): Promise<ProcessRegistry> {
  const host = identifyHost(stateDirectory());
  const database = await openDatabase(location, connectTimeoutMs);
  return await DatabaseRegistry.begin(database, runId, host);
}

async function openDatabase(location: DatabaseLocation, connectTimeoutMs: number): Promise<RegistryDatabase> {
  switch (location.is) {
    case "sqlite":
      return await openSqlite(location.path, PROCESS_REGISTRY);
    case "postgresql": {
      const { openPostgresql } = await import("./database/postgresql/open-postgresql.ts");
      return await openPostgresql(location.url, PROCESS_REGISTRY, connectTimeoutMs);
    }
    default:
      return location satisfies never;
  }
}
