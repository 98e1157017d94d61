import type { RegistryDatabase } from "../database/registry-database.ts";
import type { HostIdentity } from "../host/host-identity.ts";
import { readProcessTable } from "../process-identity/process-table.ts";
import { hostsSeenFrom } from "../queries/hosts.ts";
import { processesOfRuns } from "../queries/processes.ts";
import { findLeftovers, type Leftover } from "./find-leftovers.ts";
import { identityOf, isAlive } from "./sweep.ts";

/** A running process of a dead host. */
export interface LeftoverProcess extends Leftover {
  /** When its host was started: ISO 8601 in UTC. */
  readonly hostStartedAt: string;
  /** The process ID that its host had. */
  readonly hostPid: number;
}

/** Returns the running processes of dead hosts of this machine: those that a sweep would end. */
export async function leftoversOf(database: RegistryDatabase, self: HostIdentity): Promise<readonly LeftoverProcess[]> {
  const hosts = await database.use((db) => hostsSeenFrom(db, self));
  const alive = hosts.filter((host) => isAlive(host, self));
  // After a reboot, the processes of a host have ended.
  const dead = hosts.filter((host) => !alive.includes(host) && host.boot_id === self.bootId);
  if (dead.length === 0) return [];
  const byRun = new Map(dead.map((host) => [host.run_id, host]));
  const rows = await database.use((db) => processesOfRuns(db, [...byRun.keys()]));
  const spared = [self, ...alive.map(identityOf)];
  const found = findLeftovers(readProcessTable(), { runIds: new Set(byRun.keys()), rows, spared });
  return found.flatMap((leftover) => {
    const host = byRun.get(leftover.runId);
    return host === undefined ? [] : [{ ...leftover, hostStartedAt: host.started_at, hostPid: host.pid }];
  });
}
