import type { Migration } from "kysely/migration";
import { processesMigration } from "./001-processes.ts";
import { stateMigration } from "./002-state.ts";

/**
 * Every migration, for both databases, by name; they run in the order of their names. One that was released is never
 * changed: a new one follows it.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-processes": processesMigration,
  "002-state": stateMigration,
};
