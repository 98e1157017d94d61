import { newRunId, type ProcessRegistry } from "@snakepit/core";
import { PROCESS_REGISTRY } from "./database/database-fault.ts";
import { unlessAborted } from "./database/open-and-close.ts";
import type { RegistryDatabase } from "./database/registry-database.ts";
import { identifyHost } from "./host/host-identity.ts";
import { type DatabaseLocation, locateDatabase } from "./location/database-location.ts";
import { stateDirectory } from "./location/state-directory.ts";

/** Where the registry is, and whose it is. Without a `url` or a `path` it is a file in the user's state directory. */
export interface RegistryOptions {
  /** A PostgreSQL database, for example `postgres://user:password@host:5432/name`. Not together with `path`. */
  readonly url?: string | undefined;
  /** A SQLite file; made, with its directory, when it is not there. Not together with `url`. */
  readonly path?: string | undefined;
  /** The id of this host's run; a new one by default. */
  readonly runId?: string | undefined;
  /** Milliseconds that connecting to PostgreSQL may take; 5000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens the process registry and records this host in it. Does not sweep.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the database cannot be used, `INVALID_CONFIG` when the URL is none,
 *   `CANCELLED` when `signal` aborts. Messages name the file or the server (never its password) and the remedy.
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

// Kysely takes longer to load than the database to open, so that importing this package does not load it.
async function open(location: DatabaseLocation, runId: string, connectTimeoutMs: number): Promise<ProcessRegistry> {
  const { DatabaseRegistry } = await import("./database-registry.ts");
  const host = identifyHost(stateDirectory());
  const database = await openDatabase(location, connectTimeoutMs);
  return await DatabaseRegistry.begin(database, runId, host);
}

async function openDatabase(location: DatabaseLocation, connectTimeoutMs: number): Promise<RegistryDatabase> {
  switch (location.is) {
    case "sqlite": {
      const { openSqlite } = await import("./database/sqlite/open-sqlite.ts");
      return await openSqlite(location.path, PROCESS_REGISTRY);
    }
    case "postgresql": {
      const { openPostgresql } = await import("./database/postgresql/open-postgresql.ts");
      return await openPostgresql(location.url, PROCESS_REGISTRY, connectTimeoutMs);
    }
    default:
      return location satisfies never;
  }
}
