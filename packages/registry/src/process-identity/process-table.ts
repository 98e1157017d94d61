import { readdirSync } from "node:fs";
import type { ProcessIdentity } from "@snakepit/core";
import { listDarwinProcesses } from "./darwin-process-list.ts";
import { readLinuxProcessStat, runIdInEnvironment } from "./linux-process.ts";
import { isDead } from "./process-identity.ts";

/** One living process of this machine. */
export interface LivingProcess extends ProcessIdentity {
  readonly processGroup: number;
  /** `SNAKEPIT_RUN_ID` in its environment, where that can be read. */
  readonly runId: string | undefined;
}

/** Every living process of this machine that this user may look at; zombies are not among them. */
export function readProcessTable(): readonly LivingProcess[] {
  return process.platform === "darwin" ? readDarwinTable() : readLinuxTable();
}

function readLinuxTable(): readonly LivingProcess[] {
  const rows: LivingProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readLinuxProcessStat(pid);
    if (stat === undefined || isDead(stat.state)) continue;
    rows.push({ pid, startTime: stat.startTime, processGroup: stat.processGroup, runId: runIdInEnvironment(pid) });
  }
  return rows;
}

function readDarwinTable(): readonly LivingProcess[] {
  return listDarwinProcesses(["-ax"])
    .filter((each) => !isDead(each.state))
    .map(({ pid, processGroup, startTime }) => ({ pid, processGroup, startTime, runId: undefined }));
}
