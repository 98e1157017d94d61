import type { Kysely } from "kysely";
import type { HostRow, Tables } from "../database/tables.ts";
import type { HostIdentity } from "../host/host-identity.ts";

/** The hosts whose processes this one could see: those of the same machine, user and PID namespace, itself included. */
export async function hostsSeenFrom(db: Kysely<Tables>, host: HostIdentity): Promise<readonly HostRow[]> {
  return await db
    .selectFrom("hosts")
    .selectAll()
    .where("host_id", "=", host.hostId)
    .where("pid_namespace", "=", host.pidNamespace)
    .execute();
}
