import { readProcFile } from "./read-proc-file.ts";

/** What `/proc/<pid>/stat` says of a process (proc_pid_stat(5)). */
export interface LinuxProcessStat {
  /** One letter; `Z` and `X` are dead. */
  readonly state: string;
  readonly processGroup: number;
  /** Clock ticks after boot at which the process started. */
  readonly startTime: string;
}

/** Reads a process's stat; `undefined` when there is no such process or it may not be looked at. */
export function readLinuxProcessStat(pid: number): LinuxProcessStat | undefined {
  // A command may hold any bytes; latin1 reads them all.
  const line = readProcFile(pid, "stat")?.toString("latin1");
  return line === undefined ? undefined : parseLinuxProcessStat(line);
}

/** Takes a line of `/proc/<pid>/stat` apart. */
export function parseLinuxProcessStat(line: string): LinuxProcessStat | undefined {
  // The second field is the command in parentheses and may itself contain spaces and parentheses: count from the last one.
  const [state, , processGroup, ...rest] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const startTime = rest[16];
  if (state === undefined || startTime === undefined) return undefined;
  return { state, processGroup: Number(processGroup), startTime };
}
