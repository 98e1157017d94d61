import { readdirSync } from "node:fs";
import type { ProcessIdentity } from "@snakepit/core";
import { listDarwinProcesses } from "./darwin-process-list.ts";
import { readLinuxProcessStat, runIdInEnvironment } from "./linux-process.ts";
import { isDead } from "./process-identity.ts";

/** A running process of this machine. */
export interface RunningProcess extends ProcessIdentity {
  readonly processGroup: number;
  /** The value of `SNAKEPIT_RUN_ID` in its environment; `undefined` when that cannot be read. */
  readonly runId: string | undefined;
}

/** Returns all running processes of this machine that this user may inspect, without zombies. */
export function readProcessTable(): readonly RunningProcess[] {
  return process.platform === "darwin" ? readDarwinTable() : readLinuxTable();
}

function readLinuxTable(): readonly RunningProcess[] {
  const rows: RunningProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readLinuxProcessStat(pid);
    if (stat === undefined || isDead(stat.state)) continue;
    rows.push({ pid, startTime: stat.startTime, processGroup: stat.processGroup, runId: runIdInEnvironment(pid) });
  }
  return rows;
}

function readDarwinTable(): readonly RunningProcess[] {
  return listDarwinProcesses(["-ax"])
    .filter((each) => !isDead(each.state))
    .map(({ pid, processGroup, startTime }) => ({ pid, processGroup, startTime, runId: undefined }));
}
