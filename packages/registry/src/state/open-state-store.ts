import type { StateStore } from "@snakepit/core";
import { STATE_STORE } from "../database/database-fault.ts";
import { unlessAborted } from "../database/open-and-close.ts";
import { type DatabaseLocation, locateDatabase } from "../location/database-location.ts";
import type { StateDatabase } from "./state-database.ts";

/** Where a state store is. Without a `url` or a `path` it is the file `state.db` in the user's state directory. */
export interface StateStoreOptions {
  /** A PostgreSQL database, for example `postgres://user:password@host:5432/name`. Not together with `path`. */
  readonly url?: string | undefined;
  /** A SQLite file; made, with its directory, when it is not there. Not together with `url`. */
  readonly path?: string | undefined;
  /** Milliseconds that connecting to PostgreSQL may take; 5000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that a change of another host may stay unheard when word of it was lost; 1000 by default. */
  readonly maxStaleMs?: number | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_STALE_MS = 1_000;
/** How often to look whether others have written to a SQLite file, in milliseconds, at least. */
const SQLITE_WATCH_MS = 250;

/**
 * Opens a store of sessions, and of the variables and programs that belong to them. A process registry may be in the same
 * file or database; neither minds the other.
 *
 * Several hosts may share a store. On PostgreSQL each hears at once what the others change. A host tells of it after the
 * commit, so one that dies in between leaves a change that nobody is told of: this store notices within `maxStaleMs` that
 * a connection has gone that could write, and tells its listeners that everything may have changed. On SQLite a host notices
 * within a quarter of a second that another has written to the file, and not what.
 *
 * What a method has resolved with survives that this process is killed. A power cut can take the last moments from a SQLite
 * file, and from PostgreSQL at most that a session was used. When the connection to PostgreSQL is lost, what was under way
 * rejects, and may have been done all the same; only what is the same to do once or twice is done again.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the database cannot be used, `INVALID_CONFIG` when the URL is none,
 *   `CANCELLED` when `signal` aborts. Messages name the file or the server (never its password) and the remedy.
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

// Kysely takes longer to load than the database to open, so that importing this package does not load it.
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
