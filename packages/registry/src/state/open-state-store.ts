import type { StateStore } from "@snakepit/core";
import { STATE_STORE } from "../database/database-purpose.ts";
import { type DatabaseLocation, locateDatabase } from "../location/database-location.ts";
import { unlessAborted } from "../unless-aborted.ts";
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
      const { openSqliteState } = await import("./sqlite/open-sqlite-state.ts");
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
