import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Creates the tables of hosts and of their processes. */
export const processesMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable("hosts")
      .addColumn("run_id", "text", (column) => column.notNull().primaryKey())
      .addColumn("host_id", "text", (column) => column.notNull())
      .addColumn("host_name", "text", (column) => column.notNull())
      .addColumn("boot_id", "text", (column) => column.notNull())
      .addColumn("pid_namespace", "text", (column) => column.notNull())
      .addColumn("pid", "integer", (column) => column.notNull())
      .addColumn("start_time", "text", (column) => column.notNull())
      .addColumn("started_at", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("hosts_host_id").on("hosts").column("host_id").execute();
    await db.schema
      .createTable("processes")
      .addColumn("run_id", "text", (column) => column.notNull().references("hosts.run_id").onDelete("cascade"))
      .addColumn("worker_id", "text", (column) => column.notNull())
      .addColumn("pool", "text", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("pid", "integer")
      .addColumn("start_time", "text")
      .addColumn("process_group", "integer")
      .addColumn("reserved_at", "text", (column) => column.notNull())
      .addColumn("activated_at", "text")
      .addPrimaryKeyConstraint("processes_pkey", ["run_id", "worker_id"])
      .addCheckConstraint("processes_role_check", sql`role in ('worker', 'zygote')`)
      .addCheckConstraint(
        "processes_state_check",
        sql`state = 'reserved' or (state = 'active' and pid is not null and start_time is not null)`,
      )
      .execute();
  },
};
