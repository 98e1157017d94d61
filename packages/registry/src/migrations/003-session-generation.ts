import type { Migration } from "kysely/migration";

/** Renames the column that distinguishes successive sessions with the same ID. */
export const sessionGenerationMigration: Migration = {
  async up(db) {
    await db.schema.alterTable("sessions").renameColumn("incarnation", "generation").execute();
  },
};
