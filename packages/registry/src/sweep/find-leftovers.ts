import type { ProcessIdentity } from "@snakepit/core";
import type { ProcessRow } from "../database/schema.ts";
import type { RunningProcess } from "../process-identity/process-table.ts";

/** Dead hosts whose processes may still be running. */
export interface DeadRuns {
  readonly runIds: ReadonlySet<string>;
  /** The process rows of these hosts. */
  readonly rows: readonly ProcessRow[];
  /** Processes that are never killed: this process and running hosts. */
  readonly spared: readonly ProcessIdentity[];
}

/** A process of a dead host. */
export interface Leftover extends ProcessIdentity {
  readonly runId: string;
}

/**
 * Returns the running processes that verifiably belong to dead hosts:
 * - processes with the PID and the start time of an active row;
 * - processes in the process group of such a process;
 * - processes with the run ID in their environment, such as those that a tool started or that were only reserved.
 *
 * A PID alone proves nothing, and names and command lines are never used.
 */
export function findLeftovers(table: readonly RunningProcess[], runs: DeadRuns): readonly Leftover[] {
  const spared = new Set(runs.spared.map(keyOf));
  const runOfRow = new Map(runs.rows.flatMap((row) => keyOfRow(row, row.run_id)));
  const runOfGroup = new Map(
    table.flatMap((each) => {
      const runId = runOfRow.get(keyOf(each));
      return runId !== undefined && each.processGroup === each.pid ? [[each.pid, runId] as const] : [];
    }),
  );
  return table.flatMap((each) => {
    if (spared.has(keyOf(each))) return [];
    const runIdInEnvironment = each.runId !== undefined && runs.runIds.has(each.runId) ? each.runId : undefined;
    const runId = runOfRow.get(keyOf(each)) ?? runIdInEnvironment ?? runOfGroup.get(each.processGroup);
    return runId === undefined ? [] : [{ pid: each.pid, startTime: each.startTime, runId }];
  });
}

function keyOfRow(row: ProcessRow, runId: string): readonly (readonly [string, string])[] {
  if (row.pid === null || row.start_time === null) return [];
  return [[keyOf({ pid: row.pid, startTime: row.start_time }), runId]];
}

/** Returns a key for maps and sets: the PID and the start time. */
export function keyOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}
