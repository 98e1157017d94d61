import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** Environment variable that names the run of the host to every process that it causes. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";
/** Environment variable that names the zygote to all its descendants. */
export const ZYGOTE_ID_VARIABLE = "SNAKEPIT_ZYGOTE_ID";
/** Environment variable that names the worker to whatever it starts. */
export const WORKER_ID_VARIABLE = "SNAKEPIT_WORKER_ID";

/** Processes that are looked at side by side; each costs a file descriptor meanwhile. */
const AT_ONCE = 8;

/**
 * Returns the pids of the processes whose environment, as it was when their program started, has these variables. Linux
 * only; elsewhere the array is empty.
 *
 * @throws the error of the file system when this process has no file descriptor left.
 */
export async function processesWith(variables: Readonly<Record<string, string>>): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const required = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const names = await readdir("/proc");
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  const lane = async () => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      if ((await hasAll(pid, required)) && !(await isZombie(pid))) found.push(pid);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return found;
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

async function hasAll(pid: number, required: readonly string[]): Promise<boolean> {
  const environment = await readOf(pid, "environ");
  const entries = new Set(environment?.split("\0"));
  return required.every((entry) => entries.has(entry));
}

/** A dead process that its parent has not asked after; proc(5): the state follows the name in brackets. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readOf(pid, "stat");
  return stat === undefined || stat[stat.lastIndexOf(")") + 2] === "Z";
}

/** The content of a file of a process; `undefined` when the process is gone, or of another user. */
async function readOf(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "utf8");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // A lack of descriptors here does not mean that the process is gone.
    if (code === "EMFILE" || code === "ENFILE") throw thrown;
    return undefined;
  }
}
