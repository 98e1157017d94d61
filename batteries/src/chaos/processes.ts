import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Returns the PIDs of all processes whose environment contains `name=value`, without zombies. */
export function processesWith(name: string, value: string): readonly number[] {
  const entry = `${name}=${value}`;
  const all = readdirSync("/proc").filter((each) => /^\d+$/.test(each));
  return all.map(Number).filter((pid) => readProc(pid, "environ").split("\0").includes(entry) && isAlive(pid));
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, "stat");
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** Returns what the open file descriptors of this process refer to: paths, and `socket:[…]`, `pipe:[…]`. */
export function openDescriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      // The descriptor of the directory itself.
      return [];
    }
  });
}

/** Returns the resident memory of a process in bytes; 0 for a process that has ended. */
export function residentBytes(pid: number): number {
  return Number(readProc(pid, "statm").split(" ")[1] ?? 0) * 4_096;
}

/** Returns the Unix sockets of all processes whose path is in a directory. */
export function socketsIn(directory: string): readonly string[] {
  const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
  return lines.map((line) => line.split(" ").at(-1) ?? "").filter((path) => path.startsWith(directory));
}

/** Waits for a condition. Resolves with whether it held within `timeoutMs`. */
export async function eventually(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const start = performance.now();
    if (await condition()) return true;
    if (start > end) return false;
    // A condition that takes long must not take the processor from what it waits for.
    await sleep(Math.min(Math.max(5, 4 * (performance.now() - start)), 100));
  }
}

/** Waits for a condition that the scenario depends on; rejects with `what` after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs?: number,
): Promise<void> {
  if (!(await eventually(condition, timeoutMs))) throw new Error(`did not happen in time: ${what}`);
}

/** Sends a signal; ignores that the process has ended. Returns whether it existed. */
export function signalProcess(pid: number | undefined, signal: NodeJS.Signals): boolean {
  // 0 would be the process group of the battery.
  if (pid === undefined || pid <= 1) throw new Error(`the process to signal must be known; got ${pid}`);
  try {
    process.kill(pid, signal);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw thrown;
  }
}

// Returns an empty string for a process that has ended.
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
