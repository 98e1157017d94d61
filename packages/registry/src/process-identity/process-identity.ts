import { type ProcessIdentity, SnakepitError } from "@snakepit/core";
import { listDarwinProcesses } from "./darwin-process-list.ts";
import { readLinuxProcessStat } from "./linux-process.ts";

/**
 * Returns when a process started, as the operating system reports it; together with the pid it identifies the
 * process. On Linux the clock ticks after boot (`/proc/<pid>/stat`, field 22), on macOS what `ps -o lstart=` prints
 * in UTC.
 *
 * @returns `undefined` when there is no such process; a zombie is none.
 * @throws SnakepitError `INTERNAL` on other operating systems. What the file system says when no file descriptor is left
 *   to look with.
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
      throw new SnakepitError("INTERNAL", `processes cannot be told apart on ${process.platform}; use Linux or macOS`);
  }
}

/** Whether a state letter of Linux or macOS means that only the entry in the process table is left. */
export function isDead(state: string): boolean {
  return state.startsWith("Z") || state.startsWith("X");
}

/** Returns whether the process of this identity runs: its pid is in use, and by no other process. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startTime;
}

/** The identity of the process that asks. */
export function thisProcess(): ProcessIdentity {
  const startTime = processStartTime(process.pid);
  if (startTime === undefined) {
    throw new SnakepitError(
      "INTERNAL",
      `the start time of this process (pid ${process.pid}) cannot be read; is /proc mounted?`,
    );
  }
  return { pid: process.pid, startTime };
}
