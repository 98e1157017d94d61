import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** Environment variable that names the run of the host to every process that it causes. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";
/** Environment variable that names the launching program to whatever comes from it. */
export const ZYGOTE_ID_VARIABLE = "SNAKEPIT_ZYGOTE_ID";
/** Environment variable that names the worker to whatever it starts. */
export const WORKER_ID_VARIABLE = "SNAKEPIT_WORKER_ID";

/**
 * Pids of the processes whose environment, as it was when their program started, has these variables. Linux only;
 * elsewhere the answer is empty.
 */
export async function processesWith(variables: Readonly<Record<string, string>>): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const names = await readdir("/proc");
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const matches = await Promise.all(pids.map(async (pid) => (await hasAll(pid, wanted)) && !(await isZombie(pid))));
  return pids.filter((_, index) => matches[index]);
}

/** When a process started, in clock ticks since boot; `undefined` when there is no such process, or no Linux. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function hasAll(pid: number, wanted: readonly string[]): Promise<boolean> {
  try {
    const entries = new Set((await readFile(`/proc/${pid}/environ`, "utf8")).split("\0"));
    return wanted.every((entry) => entries.has(entry));
  } catch {
    // It is gone, or somebody else's.
    return false;
  }
}

/** A dead process that its parent has not asked after; proc(5): the state follows the name in brackets. */
async function isZombie(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] === "Z";
  } catch {
    return true;
  }
}
