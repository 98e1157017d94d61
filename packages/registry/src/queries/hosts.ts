import type { RegistryConnection } from "../database/registry-database.ts";
import type { HostRow } from "../database/schema.ts";
import type { HostIdentity } from "../host/host-identity.ts";
import { keysOf } from "./processes.ts";

const ADD_HOST = `
  insert into {hosts} (run_id, host_id, host_name, boot_id, pid_namespace, pid, start_time, started_at)
  values (:run_id, :host_id, :host_name, :boot_id, :pid_namespace, :pid, :start_time, :started_at)
  on conflict (run_id) do nothing`;

/** Records a host. */
export async function addHost(db: RegistryConnection, host: HostRow): Promise<void> {
  await db.run(ADD_HOST, { ...host });
}

const PING = "select run_id from {hosts} where run_id = :run_id";

/** Reads the row of a host, to see whether the database answers. */
export async function ping(db: RegistryConnection, runId: string): Promise<void> {
  await db.run(PING, { run_id: runId });
}

const HOSTS_SEEN = "select * from {hosts} where host_id = :host_id and pid_namespace = :pid_namespace";

/**
 * Returns the hosts whose processes this host can see: those of the same machine, user and PID namespace, including
 * itself.
 */
export async function hostsSeenFrom(db: RegistryConnection, host: HostIdentity): Promise<readonly HostRow[]> {
  return await db.run(HOSTS_SEEN, { host_id: host.hostId, pid_namespace: host.pidNamespace });
}

const REMOVE_IDLE_HOST = `
  delete from {hosts} where run_id = :run_id
    and not exists (select worker_id from {processes} where processes.run_id = :run_id)`;

/** Removes a host that has no processes. */
export async function removeIdleHost(db: RegistryConnection, runId: string): Promise<void> {
  await db.run(REMOVE_IDLE_HOST, { run_id: runId });
}

const REMOVE_RUNS = `
  delete from {hosts} where run_id in (select entry.key from json_each(:runs) as entry) returning run_id`;

/** Removes hosts and their processes. Returns the run IDs that existed. */
export async function removeRuns(db: RegistryConnection, runIds: readonly string[]): Promise<readonly string[]> {
  if (runIds.length === 0) return [];
  const rows = await db.run<{ readonly run_id: string }>(REMOVE_RUNS, { runs: keysOf(runIds) });
  return rows.map((row) => row.run_id);
}
