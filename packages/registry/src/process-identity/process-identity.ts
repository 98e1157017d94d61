import { type ProcessIdentity, SnakepitError } from "@snakepit/core";
import { listDarwinProcesses } from "./darwin-process-list.ts";
import { readLinuxProcessStat } from "./linux-process.ts";

/**
 * Returns the start time of a process, which together with the PID identifies the process. On Linux it is the clock
 * ticks after boot (`/proc/<pid>/stat`, field 22), on macOS the output of `ps -o lstart=` in UTC.
 *
 * @returns `undefined` when the process does not exist or is a zombie.
 * @throws SnakepitError `INTERNAL` on other operating systems. The error of the file system when no file descriptor is
 *   left.
 */
export function processStartTime(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  switch (process.platform) {
    case "linux": {
      const stat = readLinuxProcessStat(pid);
      return stat === undefined || isDead(stat.state) ? undefined : stat.startTime;
    }
    case "darwin": {
      const found = listDarwinProcesses(["-p", String(pid)])[0];
      return found === undefined || isDead(found.state) ? undefined : found.startTime;
    }
    default:
      throw new SnakepitError("INTERNAL", `the platform must be Linux or macOS; got ${process.platform}`);
  }
}

/** Whether a state of Linux or macOS means that the process is dead and only its entry in the process table is left. */
export function isDead(state: string): boolean {
  return state.startsWith("Z") || state.startsWith("X");
}

/** Whether the process with this identity is running: its PID is in use, and not by another process. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startTime;
}

/** Returns the identity of this process. */
export function thisProcess(): ProcessIdentity {
  const startTime = processStartTime(process.pid);
  if (startTime === undefined) {
    throw new SnakepitError(
      "INTERNAL",
      `reading the start time of this process (pid ${process.pid}) failed; check that /proc is mounted`,
    );
  }
  return { pid: process.pid, startTime };
}
