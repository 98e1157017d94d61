import type { Kysely } from "kysely";
import type { ProcessRow, Tables } from "../database/tables.ts";

/** Every process, reserved or active, of these runs. */
export async function processesOfRuns(db: Kysely<Tables>, runIds: readonly string[]): Promise<readonly ProcessRow[]> {
  return await db.selectFrom("processes").selectAll().where("run_id", "in", runIds).execute();
}
