import type { Kysely } from "kysely";
import type { HostRow, Tables } from "../database/tables.ts";

/** Writes a host down. */
export async function addHost(db: Kysely<Tables>, host: HostRow): Promise<void> {
  await db
    .insertInto("hosts")
    .values(host)
    .onConflict((conflict) => conflict.column("run_id").doNothing())
    .execute();
}
