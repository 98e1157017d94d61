import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { MIGRATION_NAMES, Tables } from "../database/schema.ts";
import { processesMigration } from "./001-processes.ts";
import { stateMigration } from "./002-state.ts";
import { sessionGenerationMigration } from "./003-session-generation.ts";

const MIGRATIONS: Readonly<Record<(typeof MIGRATION_NAMES)[number], Migration>> = {
  "001-processes": processesMigration,
  "002-state": stateMigration,
  "003-session-generation": sessionGenerationMigration,
};

/** Runs the migrations that a database lacks. */
export async function runMigrations(db: Kysely<Tables>, schema: string | undefined): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: "migrations",
    migrationLockTableName: "migrations_lock",
    ...(schema !== undefined && { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
