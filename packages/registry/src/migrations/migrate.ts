import { databaseUnavailable, type Fault } from "../database/database-fault.ts";
import type { RegistryConnection, RegistryDatabase } from "../database/registry-database.ts";
import { MIGRATION_NAMES, SCHEMA } from "../database/schema.ts";
import { MIGRATIONS } from "../gen/migration-scripts.ts";

/** The advisory lock of Kysely, with which earlier versions migrated. */
const POSTGRESQL_LOCK = "select pg_advisory_xact_lock(3853314791062309107)";

/** The table of completed migrations, and one that earlier versions used. */
const CREATE_TABLES = `
  create table if not exists {migrations} (
    "name" varchar(255) not null primary key, "timestamp" varchar(255) not null
  );
  create table if not exists {migrations_lock} (
    "id" varchar(255) not null primary key, "is_locked" integer default 0 not null
  );
  insert into {migrations_lock} (id, is_locked) values ('migration_lock', 0) on conflict (id) do nothing;`;

/**
 * Migrates a database to the current schema. When the schema is current, this is a single query. Several hosts may
 * migrate at the same time: the migrations run in one transaction, on PostgreSQL under an advisory lock.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when the schema is from a newer version.
 */
export async function migrate(database: RegistryDatabase): Promise<void> {
  await database.use(async (connection) => {
    if ((await schemaState(connection, database)) === "current") return;
    await connection.transaction((transaction) => runMigrations(transaction, database.kind));
  });
}

/**
 * Returns whether the schema is current, or of an earlier version that {@link migrate} changes. A new database is the
 * latter.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE` when the schema is from a newer version.
 */
export async function schemaState(
  connection: RegistryConnection,
  database: RegistryDatabase,
): Promise<"current" | "earlier"> {
  const executed = await executedBefore(connection, database);
  const unknown = executed.find((name) => !isKnown(name));
  if (unknown !== undefined) throw databaseUnavailable(database.purpose, database.place, newerSchema(unknown));
  return executed.length === MIGRATION_NAMES.length ? "current" : "earlier";
}

async function runMigrations(connection: RegistryConnection, kind: RegistryDatabase["kind"]): Promise<void> {
  if (kind === "postgresql") await preparePostgresql(connection);
  const prefix = kind === "postgresql" ? `"${SCHEMA}".` : "";
  await connection.runScript(CREATE_TABLES.replace(/\{(\w+)\}/g, `${prefix}"$1"`));
  // Another host may have migrated since the check.
  const executed = await executedMigrations(connection);
  for (const name of MIGRATION_NAMES.filter((each) => !executed.includes(each))) {
    await connection.runScript(MIGRATIONS[name][kind]);
    await connection.run("insert into {migrations} (name, timestamp) values (:name, :timestamp)", {
      name,
      timestamp: new Date().toISOString(),
    });
  }
}

async function preparePostgresql(connection: RegistryConnection): Promise<void> {
  await connection.runScript(POSTGRESQL_LOCK);
  const [found] = await connection.run("select 1 as found from pg_namespace where nspname = :schema", {
    schema: SCHEMA,
  });
  // Not with IF NOT EXISTS, which requires the permission to create schemas also when the schema exists.
  if (found === undefined) await connection.runScript(`create schema ${SCHEMA}`);
}

/** Returns the names of the completed migrations; none when the table is missing. */
async function executedBefore(connection: RegistryConnection, database: RegistryDatabase): Promise<readonly string[]> {
  try {
    return await executedMigrations(connection);
  } catch (thrown) {
    if (database.lacksTable(thrown)) return [];
    throw thrown;
  }
}

async function executedMigrations(connection: RegistryConnection): Promise<readonly string[]> {
  return (await connection.run<{ readonly name: string }>("select name from {migrations}")).map((row) => row.name);
}

function isKnown(name: string): boolean {
  return (MIGRATION_NAMES as readonly string[]).includes(name);
}

function newerSchema(migration: string): Fault {
  return {
    reason: `its schema is from a newer version of Snakepit (migration ${migration})`,
    remedy: ({ name, pathOption, urlOption }) =>
      `upgrade Snakepit, or configure a separate ${name} (${pathOption} or ${urlOption})`,
  };
}
