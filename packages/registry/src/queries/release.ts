import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { jsonRows } from "./json-rows.ts";

/** Forgets processes that are gone. Unknown ids are ignored. */
export async function release(db: Kysely<Tables>, runId: string, workerIds: readonly string[]): Promise<void> {
  const entries = Object.fromEntries(workerIds.map((workerId) => [workerId, null]));
  await db
    .deleteFrom("processes")
    .where("run_id", "=", runId)
    .where("worker_id", "in", (eb) => eb.selectFrom(jsonRows(entries).as("entry")).select("entry.key"))
    .execute();
}
