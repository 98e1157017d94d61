import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns the PIDs of all processes whose environment contains `name=value`, without zombies. Linux only. */
export function processesWith(name: string, value: string): number[] {
  const entry = `${name}=${value}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(entry) && isAlive(pid));
}

/** Returns whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, "stat");
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return stat !== "" && state !== "Z" && state !== "X";
}

/** Waits until the condition holds; rejects with `what` after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const start = performance.now();
    if (await condition()) return;
    if (start > end) throw new Error(`condition not met within ${timeoutMs} ms: ${what}`);
    // A condition that takes long, such as one on all processes, must not take the processor from what it waits for.
    await sleep(Math.min(Math.max(5, 4 * (performance.now() - start)), 100));
  }
}

/** Runs the garbage collector of this process. */
export const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

function environmentOf(pid: number): string[] {
  return readProc(pid, "environ").split("\0");
}

// Returns an empty string for a process that has exited or belongs to another user.
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
