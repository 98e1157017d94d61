import type { Activation } from "@snakepit/core";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { integerMember, jsonRows, textMember } from "./json-rows.ts";

/**
 * Writes down which processes were started for reservations. A reservation that is not there any more is left out: its
 * process has come and gone meanwhile.
 */
export async function activate(db: Kysely<Tables>, runId: string, activations: readonly Activation[]): Promise<void> {
  const entries = Object.fromEntries(
    activations.map(({ workerId, pid, startTime, processGroup }) => [workerId, { pid, startTime, processGroup }]),
  );
  await db
    // Materialized, because SQLite would otherwise read all entries again for each process.
    .with(
      (cte) => cte("started").materialized(),
      (query) =>
        query
          .selectFrom(jsonRows(entries).as("entry"))
          .select([
            "entry.key as worker_id",
            integerMember("pid").as("pid"),
            textMember("startTime").as("start_time"),
            integerMember("processGroup").as("process_group"),
          ]),
    )
    .updateTable("processes")
    .from("started")
    .set((eb) => ({
      state: "active",
      pid: eb.ref("started.pid"),
      start_time: eb.ref("started.start_time"),
      process_group: eb.ref("started.process_group"),
      activated_at: new Date().toISOString(),
    }))
    .where("processes.run_id", "=", runId)
    .whereRef("processes.worker_id", "=", "started.worker_id")
    .execute();
}
