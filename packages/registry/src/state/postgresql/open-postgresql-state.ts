import { SnakepitError } from "@snakepit/core";
import type { CustomTypesConfig } from "pg";
import { databaseUnavailable, STATE_STORE } from "../../database/database-fault.ts";
import { createConnectionPool, loadDriver } from "../../database/postgresql/connection-pool.ts";
import { noAnswer, openPostgresql, USE_TIMEOUT_MS } from "../../database/postgresql/open-postgresql.ts";
import { postgresqlFault } from "../../database/postgresql/postgresql-fault.ts";
import { ADVISORY_LOCKS } from "../../database/schema.ts";
import { maskedUrl } from "../../location/database-location.ts";
import { migrate } from "../../migrations/migrate.ts";
import { ChangeChannel } from "./change-channel.ts";
import { CHANGE_CHANNEL } from "./change-message.ts";
import { PostgresqlStateDatabase } from "./postgresql-state-database.ts";
import { StateConnections } from "./state-connections.ts";

/** The maximum number of concurrent statements of one host. */
const CONNECTIONS = 8;

/**
 * Sets up a new connection. It holds a lock with its connection number, by which other hosts detect it. Statements use
 * a generic plan: all of them find their rows by key, regardless of the parameters.
 */
const SET_UP = `
  select set_config('plan_cache_mode', 'force_generic_plan', false),
    pg_advisory_lock_shared(${ADVISORY_LOCKS.stateConnection}, nextval('snakepit.connections')::integer)`;

/**
 * Sends notifications. They need not survive a crash, so the commit, on which others wait, does not wait for the disk.
 */
const NOTIFY = {
  name: "notify",
  text: `select set_config('synchronous_commit', 'off', true),
    (select count(pg_notify('${CHANGE_CHANNEL}', message)) from unnest($1::text[]) as message)`,
};

/** The options of {@link openPostgresqlState}. */
interface PostgresqlStateOptions {
  /** Time limit for connecting, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Time limit for an operation in addition to that, in milliseconds. Default: 10000. */
  readonly useTimeoutMs?: number;
  /** Milliseconds between two checks for changes without a notification. */
  readonly watchPeriodMs: number;
}

/**
 * Opens a PostgreSQL database for state, and migrates its schema.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the database cannot be used.
 */
export async function openPostgresqlState(
  url: string,
  { connectTimeoutMs, useTimeoutMs = USE_TIMEOUT_MS, watchPeriodMs }: PostgresqlStateOptions,
): Promise<PostgresqlStateDatabase> {
  const place = maskedUrl(url);
  await migrateDatabase(url, connectTimeoutMs);
  const timeoutMs = connectTimeoutMs + useTimeoutMs;
  const pool = await createConnectionPool(url, {
    connections: CONNECTIONS,
    connectTimeoutMs,
    waitTimeoutMs: timeoutMs,
    statementTimeoutMs: useTimeoutMs,
    types: await stateTypes(),
    setUp: (client) => client.query(SET_UP),
  });
  const timeoutError = () => databaseUnavailable(STATE_STORE, place, noAnswer(timeoutMs));
  const connections = new StateConnections(pool, { timeoutMs, timeoutError });
  const notify = async (messages: readonly string[]) => {
    await connections.use(
      () => true,
      (client) => client.query({ ...NOTIFY, values: [messages] }),
    );
  };
  try {
    const changes = await ChangeChannel.open(url, { connectTimeoutMs, periodMs: watchPeriodMs, notify });
    return new PostgresqlStateDatabase(place, connections, changes);
  } catch (thrown) {
    await connections.close();
    if (thrown instanceof SnakepitError) throw thrown;
    throw databaseUnavailable(STATE_STORE, place, postgresqlFault(thrown), thrown);
  }
}

async function migrateDatabase(url: string, connectTimeoutMs: number): Promise<void> {
  const database = await openPostgresql(url, STATE_STORE, connectTimeoutMs);
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

/** The type `bigint`. All values of the schema are below 2 ** 53. */
const INT8 = 20;
const BYTEA = 17;

/** Returns the type parsers: numbers instead of strings for `bigint`, and plain `Uint8Array` objects for `bytea`. */
async function stateTypes(): Promise<CustomTypesConfig> {
  const pg = await loadDriver();
  return {
    getTypeParser(type: number, format?: "text" | "binary") {
      if (format !== "binary" && type === INT8) return Number;
      if (format !== "binary" && type === BYTEA) return bytesOfHex;
      return pg.types.getTypeParser(type, format) as unknown;
    },
  } as CustomTypesConfig;
}

// The format is \x and two digits for each byte. The result has its own memory, not a slice of the shared pool of
// Node.js.
function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) / 2);
  Buffer.from(bytes.buffer).write(text.slice(2), "hex");
  return bytes;
}
