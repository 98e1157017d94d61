import type { Activation, Reservation } from "@snakepit/core";
import { type Kysely, sql } from "kysely";
import type { ProcessRow, Tables } from "../database/schema.ts";
import { integerMember, jsonRows, textMember } from "./json-rows.ts";

/** Records processes that are about to be started. A repeated reservation replaces the row. */
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
        // SQLite needs a condition to distinguish ON CONFLICT from a join (https://www.sqlite.org/lang_upsert.html).
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

/**
 * Records the processes that were started for reservations. A missing reservation is ignored, because its process has
 * already ended.
 */
export async function activate(db: Kysely<Tables>, runId: string, activations: readonly Activation[]): Promise<void> {
  const entries = Object.fromEntries(
    activations.map(({ workerId, pid, startTime, processGroup }) => [workerId, { pid, startTime, processGroup }]),
  );
  await db
    // Materialized, because SQLite would otherwise read all entries for each process.
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

/** Removes processes that have ended. Unknown IDs are ignored. */
export async function release(db: Kysely<Tables>, runId: string, workerIds: readonly string[]): Promise<void> {
  const entries = Object.fromEntries(workerIds.map((workerId) => [workerId, null]));
  await db
    .deleteFrom("processes")
    .where("run_id", "=", runId)
    .where("worker_id", "in", (eb) => eb.selectFrom(jsonRows(entries).as("entry")).select("entry.key"))
    .execute();
}

/** Returns the reserved and active processes of these runs. */
export async function processesOfRuns(db: Kysely<Tables>, runIds: readonly string[]): Promise<readonly ProcessRow[]> {
  return await db.selectFrom("processes").selectAll().where("run_id", "in", runIds).execute();
}
