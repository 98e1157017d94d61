import type { Migration } from "kysely/migration";

/** Names the column that distinguishes sessions with the same ID as the code does. */
export const sessionGenerationMigration: Migration = {
  async up(db) {
    await db.schema.alterTable("sessions").renameColumn("incarnation", "generation").execute();
  },
};
