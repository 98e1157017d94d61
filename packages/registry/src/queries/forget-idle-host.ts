import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Removes a host, unless it still has processes. */
export async function forgetIdleHost(db: Kysely<Tables>, runId: string): Promise<void> {
  await db
    .deleteFrom("hosts")
    .where("run_id", "=", runId)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom("processes").select("worker_id").where("processes.run_id", "=", runId))),
    )
    .execute();
}
