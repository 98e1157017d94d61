import type { Migration } from "kysely/migration";

/** Renames the column that distinguishes successive sessions with the same ID. */
export const sessionGenerationMigration: Migration = {
  async up(db) {
    // textlint-disable: the name of the column in 002-state.
    await db.schema.alterTable("sessions").renameColumn("incarnation", "generation").execute();
    // textlint-enable
  },
};
