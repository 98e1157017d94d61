import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { databaseUnavailable, type Fault } from "../database/database-fault.ts";
import type { RegistryDatabase } from "../database/registry-database.ts";
import type { Tables } from "../database/schema.ts";
import { processesMigration } from "./001-processes.ts";
import { stateMigration } from "./002-state.ts";
import { sessionGenerationMigration } from "./003-session-generation.ts";

/** The table of completed migrations. */
const MIGRATIONS_TABLE = "migrations";

/**
 * Migrates a database to the current schema. When the schema is current, this is a single query. Several hosts may
 * migrate at the same time: on SQLite the migrations run in a write transaction, on PostgreSQL under an advisory lock.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when the schema is from a newer version.
 */
export async function migrate(database: RegistryDatabase): Promise<void> {
  await database.use(async (db) => {
    const executed = await executedMigrations(db, database);
    const unknown = executed.find((name) => !Object.hasOwn(MIGRATIONS, name));
    if (unknown !== undefined) throw databaseUnavailable(database.purpose, database.place, newerSchema(unknown));
    if (executed.length < Object.keys(MIGRATIONS).length) await runMigrations(db, database.schema);
  });
}

async function executedMigrations(db: Kysely<Tables>, database: RegistryDatabase): Promise<readonly string[]> {
  const query = db
    .$extendTables<{ [MIGRATIONS_TABLE]: { name: string } }>()
    .selectFrom(MIGRATIONS_TABLE)
    .select("name");
  try {
    return (await query.execute()).map((row) => row.name);
  } catch (thrown) {
    if (database.lacksTable(thrown)) return [];
    throw thrown;
  }
}

async function runMigrations(db: Kysely<Tables>, schema: string | undefined): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: MIGRATIONS_TABLE,
    migrationLockTableName: "migrations_lock",
    ...(schema !== undefined && { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function newerSchema(migration: string): Fault {
  return {
    reason: `its schema is from a newer version of Snakepit (migration ${migration})`,
    remedy: ({ name, pathOption, urlOption }) =>
      `upgrade Snakepit, or configure a separate ${name} (${pathOption} or ${urlOption})`,
  };
}

/**
 * All migrations for both databases by name, in the order in which they run. A released migration is never changed.
 */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-processes": processesMigration,
  "002-state": stateMigration,
  "003-session-generation": sessionGenerationMigration,
};
