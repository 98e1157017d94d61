import type { ProcessIdentity } from "@snakepit/core";
import type { ProcessRow } from "../database/tables.ts";
import type { RunningProcess } from "../process-identity/process-table.ts";

/** Hosts that are dead, of which processes may be left. */
export interface DeadRuns {
  readonly runIds: ReadonlySet<string>;
  /** Their rows. */
  readonly rows: readonly ProcessRow[];
  /** Processes that are never touched: this one, and hosts that live. */
  readonly spared: readonly ProcessIdentity[];
}

/** A process that a dead host left behind, and the host. */
export interface Leftover extends ProcessIdentity {
  readonly runId: string;
}

/**
 * The living processes that verifiably belong to dead hosts:
 * - those with the pid and the start time of an active row;
 * - those in the process group that such a process leads;
 * - those with the run id in their environment, which covers what a tool started, and what was reserved only.
 *
 * A pid alone proves nothing, and names and command lines are never looked at.
 */
export function findLeftovers(table: readonly RunningProcess[], runs: DeadRuns): readonly Leftover[] {
  const spared = new Set(runs.spared.map(nameOf));
  const runOfRow = new Map(runs.rows.flatMap((row) => nameOfRow(row, row.run_id)));
  const runOfGroup = new Map(
    table.flatMap((each) => {
      const runId = runOfRow.get(nameOf(each));
      return runId !== undefined && each.processGroup === each.pid ? [[each.pid, runId] as const] : [];
    }),
  );
  return table.flatMap((each) => {
    if (spared.has(nameOf(each))) return [];
    const carried = each.runId !== undefined && runs.runIds.has(each.runId) ? each.runId : undefined;
    const runId = runOfRow.get(nameOf(each)) ?? carried ?? runOfGroup.get(each.processGroup);
    return runId === undefined ? [] : [{ pid: each.pid, startTime: each.startTime, runId }];
  });
}

function nameOfRow(row: ProcessRow, runId: string): readonly (readonly [string, string])[] {
  if (row.pid === null || row.start_time === null) return [];
  return [[nameOf({ pid: row.pid, startTime: row.start_time }), runId]];
}

/** A key for maps and sets: pid and start time. */
export function nameOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}
