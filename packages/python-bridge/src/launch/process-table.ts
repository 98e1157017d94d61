import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** Environment variable with the run ID of the host, in all descendants of the host. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";
/** Environment variable with the ID of the zygote, in all descendants of the zygote. */
export const ZYGOTE_ID_VARIABLE = "SNAKEPIT_ZYGOTE_ID";
/** Environment variable with the ID of the worker, in all descendants of the worker. */
export const WORKER_ID_VARIABLE = "SNAKEPIT_WORKER_ID";

/** Processes that are inspected concurrently; each uses one file descriptor. */
const CONCURRENCY = 8;

/**
 * Resolves with the PIDs of the processes that were started with these environment variables. Linux only; empty on
 * other systems.
 *
 * @throws the error of the file system if this process has no free file descriptor.
 */
export async function processesWith(variables: Readonly<Record<string, string>>): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const required = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const names = await readdir("/proc");
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  const inspect = async () => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      if ((await hasAll(pid, required)) && !(await isZombie(pid))) found.push(pid);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, inspect));
  return found;
}

/** Returns when a process started, in clock ticks since boot; `undefined` if it does not exist, or not on Linux. */
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

/** Whether a process has ended and was not reaped yet. The state follows the name in parentheses (proc(5)). */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readOf(pid, "stat");
  return stat === undefined || stat[stat.lastIndexOf(")") + 2] === "Z";
}

/** Resolves with a file of a process; `undefined` if the process has ended or belongs to another user. */
async function readOf(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "utf8");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // Without a free descriptor, it is unknown whether the process exists.
    if (code === "EMFILE" || code === "ENFILE") throw thrown;
    return undefined;
  }
}
