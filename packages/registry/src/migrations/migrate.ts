import { databaseUnavailable, type Fault } from "../database/database-fault.ts";
import type { RegistryConnection, RegistryDatabase } from "../database/registry-database.ts";
import { MIGRATION_NAMES } from "../database/schema.ts";

/**
 * Migrates a database to the current schema. When the schema is current, this is a single query; a new SQLite file gets
 * the current schema at once. Several hosts may migrate at the same time: on SQLite the migrations run in a write
 * transaction, on PostgreSQL under an advisory lock.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when the schema is from a newer version.
 */
export async function migrate(database: RegistryDatabase): Promise<void> {
  await database.use(async (connection) => {
    let executed = await executedMigrations(connection, database);
    if (executed === undefined) {
      if (await database.createTables?.(MIGRATION_NAMES)) return;
      executed = await executedMigrations(connection, database);
    }
    const names: readonly string[] = MIGRATION_NAMES;
    const unknown = executed?.find((name) => !names.includes(name));
    if (unknown !== undefined) throw databaseUnavailable(database.purpose, database.place, newerSchema(unknown));
    if (executed?.length === names.length) return;
    // The query builder is loaded only to migrate, because that takes longer than all queries.
    const { runMigrations } = await import("./run-migrations.ts");
    await runMigrations(await connection.kysely(), database.schema);
  });
}

/** Returns the names of the completed migrations; `undefined` when the table is missing. */
async function executedMigrations(
  connection: RegistryConnection,
  database: RegistryDatabase,
): Promise<readonly string[] | undefined> {
  try {
    return (await connection.run<{ readonly name: string }>("select name from {migrations}")).map((row) => row.name);
  } catch (thrown) {
    if (database.lacksTable(thrown)) return undefined;
    throw thrown;
  }
}

function newerSchema(migration: string): Fault {
  return {
    reason: `its schema is from a newer version of Snakepit (migration ${migration})`,
    remedy: ({ name, pathOption, urlOption }) =>
      `upgrade Snakepit, or configure a separate ${name} (${pathOption} or ${urlOption})`,
  };
}
