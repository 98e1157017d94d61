import type { ProcessIdentity, SweepReport } from "@snakepit/core";
import type { RegistryDatabase } from "../database/registry-database.ts";
import type { HostRow } from "../database/schema.ts";
import type { HostIdentity } from "../host/host-identity.ts";
import { isSameProcess } from "../process-identity/process-identity.ts";
import { hostsSeenFrom, removeRuns } from "../queries/hosts.ts";
import { processesOfRuns } from "../queries/processes.ts";
import { endLeftovers } from "./end-leftovers.ts";

const NOTHING_SWEPT: SweepReport = { hosts: 0, killed: [], rows: 0 };

/**
 * Kills the processes of dead hosts of this machine and removes their rows. The row of a host with a surviving process
 * is kept, so that the next sweep tries again. Several hosts may sweep at the same time, because a sweep is idempotent.
 */
export async function sweep(database: RegistryDatabase, self: HostIdentity): Promise<SweepReport> {
  const hosts = await database.use((db) => hostsSeenFrom(db, self));
  const alive = hosts.filter((host) => isAlive(host, self));
  const dead = hosts.filter((host) => !alive.includes(host));
  if (dead.length === 0) return NOTHING_SWEPT;
  const rows = await database.use((db) => processesOfRuns(db, runIdsOf(dead)));
  // After a reboot, the processes of a host have ended, and their PIDs belong to other processes.
  const sameBoot = new Set(runIdsOf(dead.filter((host) => host.boot_id === self.bootId)));
  const { killed, surviving } = await endLeftovers({
    runIds: sameBoot,
    rows: rows.filter((row) => sameBoot.has(row.run_id)),
    spared: [self, ...alive.map(identityOf)],
  });
  const unfinished = new Set(surviving.map((each) => each.runId));
  const finished = runIdsOf(dead).filter((runId) => !unfinished.has(runId));
  const removed = new Set(await database.use((db) => removeRuns(db, finished)));
  return {
    hosts: removed.size,
    killed: killed.map(({ pid, startTime }) => ({ pid, startTime })),
    rows: rows.filter((row) => removed.has(row.run_id)).length,
  };
}

/** Whether the process of a host is running. */
export function isAlive(host: HostRow, self: HostIdentity): boolean {
  return host.boot_id === self.bootId && isSameProcess(identityOf(host));
}

/** Returns the identity of the process of a host. */
export function identityOf(host: HostRow): ProcessIdentity {
  return { pid: host.pid, startTime: host.start_time };
}

function runIdsOf(hosts: readonly HostRow[]): readonly string[] {
  return hosts.map((host) => host.run_id);
}
