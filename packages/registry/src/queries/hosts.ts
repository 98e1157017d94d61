import type { Kysely } from "kysely";
import type { HostRow, Tables } from "../database/schema.ts";
import type { HostIdentity } from "../host/host-identity.ts";

/** Records a host. */
export async function addHost(db: Kysely<Tables>, host: HostRow): Promise<void> {
  await db
    .insertInto("hosts")
    .values(host)
    .onConflict((conflict) => conflict.column("run_id").doNothing())
    .execute();
}

/**
 * Returns the hosts whose processes this host can see: those of the same machine, user and PID namespace, including
 * itself.
 */
export async function hostsSeenFrom(db: Kysely<Tables>, host: HostIdentity): Promise<readonly HostRow[]> {
  return await db
    .selectFrom("hosts")
    .selectAll()
    .where("host_id", "=", host.hostId)
    .where("pid_namespace", "=", host.pidNamespace)
    .execute();
}

/** Removes a host that has no processes. */
export async function removeIdleHost(db: Kysely<Tables>, runId: string): Promise<void> {
  await db
    .deleteFrom("hosts")
    .where("run_id", "=", runId)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom("processes").select("worker_id").where("processes.run_id", "=", runId))),
    )
    .execute();
}

/** Removes hosts and their processes. Returns the run IDs that existed. */
export async function removeRuns(db: Kysely<Tables>, runIds: readonly string[]): Promise<readonly string[]> {
  if (runIds.length === 0) return [];
  const rows = await db.deleteFrom("hosts").where("run_id", "in", runIds).returning("run_id").execute();
  return rows.map((row) => row.run_id);
}
