import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { databaseUnavailable, type Fault } from "../database/database-fault.ts";
import type { RegistryDatabase } from "../database/registry-database.ts";
import type { Tables } from "../database/tables.ts";
import { processesMigration } from "./001-processes.ts";
import { stateMigration } from "./002-state.ts";
import { sessionGenerationMigration } from "./003-session-generation.ts";

/** The table that records which migrations have run. */
const MIGRATIONS_TABLE = "migrations";

/**
 * Migrates a database to this version's schema. A current one costs a single query. Several hosts may do it at once:
 * on SQLite the migrations run in a transaction that begins as a writer, on PostgreSQL under an advisory lock.
 *
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when a newer version has written the schema.
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
    reason: `a newer version of Snakepit has changed its schema (migration ${migration})`,
    remedy: ({ name, pathOption, urlOption }) =>
      `upgrade this one, or give it a ${name} of its own (${pathOption} or ${urlOption})`,
  };
}

/**
 * Every migration, for both databases, by name; they run in the order of their names. One that was released is never
 * changed: a new one follows it.
 */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-processes": processesMigration,
  "002-state": stateMigration,
  "003-session-generation": sessionGenerationMigration,
};
