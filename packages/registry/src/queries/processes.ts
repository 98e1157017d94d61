import type { Activation, ProcessRecord, Reservation } from "@snakepit/core";
import type { RegistryConnection } from "../database/registry-database.ts";
import type { ProcessRow } from "../database/schema.ts";

// SQLite needs a condition to distinguish ON CONFLICT from a join (https://www.sqlite.org/lang_upsert.html).
const RESERVE = `
  insert into {processes} (run_id, worker_id, pool, role, state, reserved_at)
  select :run_id, entry.key, entry.value ->> 'pool', entry.value ->> 'role', 'reserved', :reserved_at
  from json_each(:entries) as entry where true
  on conflict (run_id, worker_id) do update set pool = excluded.pool, role = excluded.role, state = 'reserved',
    pid = null, start_time = null, process_group = null, reserved_at = excluded.reserved_at, activated_at = null`;

/** Records processes that are about to be started. A repeated reservation replaces the row. */
export async function reserve(
  db: RegistryConnection,
  runId: string,
  reservations: readonly Reservation[],
): Promise<void> {
  const entries = entriesOf(reservations, ({ pool, role }) => ({ pool, role }));
  await db.run(RESERVE, { run_id: runId, reserved_at: new Date().toISOString(), entries });
}

// Materialized, because SQLite would otherwise read all entries for each process.
const ACTIVATE = `
  with started as materialized (
    select entry.key as worker_id, cast(entry.value ->> 'pid' as integer) as pid,
      entry.value ->> 'startTime' as start_time, cast(entry.value ->> 'processGroup' as integer) as process_group
    from json_each(:entries) as entry
  )
  update {processes} set state = 'active', pid = started.pid, start_time = started.start_time,
    process_group = started.process_group, activated_at = :activated_at
  from started where processes.run_id = :run_id and processes.worker_id = started.worker_id`;

/**
 * Records the processes that were started for reservations. A missing reservation is ignored, because its process has
 * already ended.
 */
export async function activate(
  db: RegistryConnection,
  runId: string,
  activations: readonly Activation[],
): Promise<void> {
  const entries = entriesOf(activations, ({ pid, startTime, processGroup }) => ({ pid, startTime, processGroup }));
  await db.run(ACTIVATE, { run_id: runId, activated_at: new Date().toISOString(), entries });
}

const RELEASE = `
  delete from {processes}
  where run_id = :run_id and worker_id in (select entry.key from json_each(:entries) as entry)`;

/** Removes processes that have ended. Unknown IDs are ignored. */
export async function release(db: RegistryConnection, runId: string, workerIds: readonly string[]): Promise<void> {
  await db.run(RELEASE, { run_id: runId, entries: keysOf(workerIds) });
}

const PROCESSES_OF_RUNS = `
  select * from {processes} where run_id in (select entry.key from json_each(:runs) as entry)`;

/** Returns the reserved and active processes of these runs. */
export async function processesOfRuns(
  db: RegistryConnection,
  runIds: readonly string[],
): Promise<readonly ProcessRow[]> {
  return await db.run(PROCESSES_OF_RUNS, { runs: keysOf(runIds) });
}

/** Converts a row to the type of the port. */
export function recordOfRow(row: ProcessRow): ProcessRecord {
  const { worker_id: workerId, pool, role, state, pid, start_time, process_group, reserved_at, activated_at } = row;
  return {
    workerId,
    pool,
    role,
    state,
    ...(pid !== null && { pid }),
    ...(start_time !== null && { startTime: start_time }),
    ...(process_group !== null && { processGroup: process_group }),
    reservedAt: reserved_at,
    ...(activated_at !== null && { activatedAt: activated_at }),
  };
}

// Any number of rows is one parameter: a JSON object, so the statement is always the same. `json_each` of an object and
// `->>` have the same meaning in SQLite and PostgreSQL.

/** Returns an object with these keys as JSON, for `json_each`. */
export function keysOf(keys: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, null])));
}

/** Returns an object with an entry for each item as JSON, for `json_each`. */
function entriesOf<Item extends { readonly workerId: string }>(
  items: readonly Item[],
  describe: (item: Item) => unknown,
): string {
  return JSON.stringify(Object.fromEntries(items.map((item) => [item.workerId, describe(item)])));
}
