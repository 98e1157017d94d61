import { existsSync } from "node:fs";
import type { StateStore } from "@snakepit/core";
import { STATE_STORE } from "../database/database-fault.ts";
import { unlessAborted } from "../database/open-and-close.ts";
import type { RegistryDatabase } from "../database/registry-database.ts";
import { openSqlite } from "../database/sqlite/open-sqlite.ts";
import { type DatabaseLocation, locateDatabase } from "../location/database-location.ts";
import { checkContent } from "../sweep/examine-database.ts";
import type { StateDatabase } from "./state-database.ts";

/** The options of {@link openStateStore}. Default location: the file `state.db` in the state directory of the user. */
export interface StateStoreOptions {
  /** URL of a PostgreSQL database, for example `postgres://user:password@host:5432/name`. Excludes `path`. */
  readonly url?: string | undefined;
  /** Path of a SQLite file. A missing file or directory is created. Excludes `url`. */
  readonly path?: string | undefined;
  /** Time limit for connecting to PostgreSQL, in milliseconds. Default: 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * The time after which a change of another host is detected when its notification was lost, in milliseconds. Default:
   * 1000.
   */
  readonly maxStaleMs?: number | undefined;
  /** Cancels the opening. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_STALE_MS = 1_000;
/** The longest interval between two checks for changes of a SQLite file, in milliseconds. */
const SQLITE_WATCH_MS = 250;

/**
 * Opens a store of sessions, variables and programs. A process registry may be in the same file or database.
 *
 * Several hosts may share a store. On PostgreSQL, each host is notified of the changes of the others. A host sends the
 * notification after the commit, so a host that dies in between leaves a change without a notification. This store
 * detects within `maxStaleMs` that a connection of a writer has ended, and notifies its listeners that everything may
 * have changed. On SQLite, a host detects within 250 ms that another host has written to the file, but not which
 * entries.
 *
 * A change whose method has resolved survives when this process is killed. After a power failure, a SQLite file may
 * lose the last changes, and PostgreSQL only the last uses of sessions. When the connection to PostgreSQL is lost,
 * pending operations reject although they may have been committed. Only idempotent operations are retried.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the database cannot be used, `INVALID_CONFIG` when the location is
 *   invalid, `CANCELLED` when `signal` aborts. Messages contain the file or the server, without its password, and the
 *   remedy.
 *
 * @example
 * const store = await openStateStore({ url: "postgres://user:password@host:5432/name" });
 * await store.createSession({ id: "chat-1", metadata: { user: "ada" }, ttlMs: 3_600_000 }, Date.now(), 10_000);
 */
export async function openStateStore(options: StateStoreOptions = {}): Promise<StateStore> {
  const { signal } = options;
  const location = locateDatabase(STATE_STORE, options.url, options.path);
  return await unlessAborted(STATE_STORE, signal, () => open(location, options));
}

/**
 * Checks that a store can be used, without changing it.
 *
 * @returns the file, or the URL without its password; and whether the file is missing, which is then not created.
 * @throws SnakepitError like {@link openStateStore}.
 */
export async function examineStateStore({
  url,
  path,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
}: Pick<StateStoreOptions, "url" | "path" | "connectTimeoutMs">): Promise<StoreExamination> {
  const location = locateDatabase(STATE_STORE, url, path);
  if (location.is === "sqlite" && !existsSync(location.path)) return { is: "missing", place: location.path };
  const database = await openForExamination(location, connectTimeoutMs);
  try {
    await database.use(async (connection) => {
      if (database.kind === "sqlite") await checkContent(connection, database);
      else await connection.run("select 1");
    });
    return { is: "usable", place: database.place };
  } finally {
    await database.close();
  }
}

/** The state of a store. */
export interface StoreExamination {
  readonly is: "missing" | "usable";
  readonly place: string;
}

async function openForExamination(location: DatabaseLocation, connectTimeoutMs: number): Promise<RegistryDatabase> {
  if (location.is === "sqlite") return await openSqlite(location.path, STATE_STORE);
  const { openPostgresql } = await import("../database/postgresql/open-postgresql.ts");
  return await openPostgresql(location.url, STATE_STORE, connectTimeoutMs);
}

// Loaded on demand: most hosts keep sessions in memory.
async function open(location: DatabaseLocation, options: StateStoreOptions): Promise<StateStore> {
  const { DatabaseStateStore } = await import("./database-state-store.ts");
  return new DatabaseStateStore(await openDatabase(location, options));
}

async function openDatabase(location: DatabaseLocation, options: StateStoreOptions): Promise<StateDatabase> {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, maxStaleMs = MAX_STALE_MS } = options;
  switch (location.is) {
    case "sqlite": {
      const { openSqliteState } = await import("./sqlite/sqlite-state-database.ts");
      return await openSqliteState(location.path, Math.min(SQLITE_WATCH_MS, maxStaleMs));
    }
    case "postgresql": {
      const { openPostgresqlState } = await import("./postgresql/open-postgresql-state.ts");
      return await openPostgresqlState(location.url, { connectTimeoutMs, watchPeriodMs: maxStaleMs });
    }
    default:
      return location satisfies never;
  }
}
