import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Removes hosts, and their processes with them. Returns the runs that were still there. */
export async function forgetRuns(db: Kysely<Tables>, runIds: readonly string[]): Promise<readonly string[]> {
  if (runIds.length === 0) return [];
  const rows = await db.deleteFrom("hosts").where("run_id", "in", runIds).returning("run_id").execute();
  return rows.map((row) => row.run_id);
}
