import type { ProcessIdentity, SweepReport } from "@snakepit/core";
import type { RegistryDatabase } from "../database/registry-database.ts";
import type { HostRow } from "../database/tables.ts";
import type { HostIdentity } from "../host/host-identity.ts";
import { isSameProcess } from "../process-identity/process-identity.ts";
import { forgetRuns, hostsSeenFrom } from "../queries/hosts.ts";
import { processesOfRuns } from "../queries/processes.ts";
import { endLeftovers } from "./end-leftovers.ts";

const NOTHING: SweepReport = { hosts: 0, killed: [], rows: 0 };

/**
 * Ends what dead hosts of this machine left behind, and forgets them. A host of which a process survives stays, so that
 * the next sweep tries again. Several hosts may sweep at once: killing and forgetting twice is the same as once.
 */
export async function sweep(database: RegistryDatabase, self: HostIdentity): Promise<SweepReport> {
  const hosts = await database.use((db) => hostsSeenFrom(db, self));
  const alive = hosts.filter((host) => isAlive(host, self));
  const dead = hosts.filter((host) => !alive.includes(host));
  if (dead.length === 0) return NOTHING;
  const rows = await database.use((db) => processesOfRuns(db, runIdsOf(dead)));
  // When the machine has booted since, the processes of a host are gone, and their pids are other processes.
  const sameBoot = new Set(runIdsOf(dead.filter((host) => host.boot_id === self.bootId)));
  const { killed, surviving } = await endLeftovers({
    runIds: sameBoot,
    rows: rows.filter((row) => sameBoot.has(row.run_id)),
    spared: [self, ...alive.map(identityOf)],
  });
  const unfinished = new Set(surviving.map((each) => each.runId));
  const finished = runIdsOf(dead).filter((runId) => !unfinished.has(runId));
  const forgotten = new Set(await database.use((db) => forgetRuns(db, finished)));
  return {
    hosts: forgotten.size,
    killed: killed.map(({ pid, startTime }) => ({ pid, startTime })),
    rows: rows.filter((row) => forgotten.has(row.run_id)).length,
  };
}

function isAlive(host: HostRow, self: HostIdentity): boolean {
  return host.boot_id === self.bootId && isSameProcess(identityOf(host));
}

function identityOf(host: HostRow): ProcessIdentity {
  return { pid: host.pid, startTime: host.start_time };
}

function runIdsOf(hosts: readonly HostRow[]): readonly string[] {
  return hosts.map((host) => host.run_id);
}
