import type { Reservation } from "@snakepit/core";
import { type Kysely, sql } from "kysely";
import type { ProcessRow, Tables } from "../database/tables.ts";
import { jsonRows, textMember } from "./json-rows.ts";

/** Writes down processes that are about to be started. One that is reserved again starts anew. */
export async function reserve(db: Kysely<Tables>, runId: string, reservations: readonly Reservation[]): Promise<void> {
  const entries = Object.fromEntries(reservations.map(({ workerId, pool, role }) => [workerId, { pool, role }]));
  await db
    .insertInto("processes")
    .columns(["run_id", "worker_id", "pool", "role", "state", "reserved_at"])
    .expression((eb) =>
      eb
        .selectFrom(jsonRows(entries).as("entry"))
        .select([
          eb.val(runId).as("run_id"),
          "entry.key",
          textMember("pool").as("pool"),
          textMember("role").$castTo<ProcessRow["role"]>().as("role"),
          eb.val<"reserved">("reserved").as("state"),
          eb.val(new Date().toISOString()).as("reserved_at"),
        ])
        // SQLite needs a condition to tell ON CONFLICT from a join (https://www.sqlite.org/lang_upsert.html).
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) =>
      conflict.columns(["run_id", "worker_id"]).doUpdateSet((eb) => ({
        pool: eb.ref("excluded.pool"),
        role: eb.ref("excluded.role"),
        state: "reserved",
        pid: null,
        start_time: null,
        process_group: null,
        reserved_at: eb.ref("excluded.reserved_at"),
        activated_at: null,
      })),
    )
    .execute();
}
