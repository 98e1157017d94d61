import { readFileSync } from "node:fs";

/** What `/proc/<pid>/stat` reports about a process (proc_pid_stat(5)). */
interface LinuxProcessStat {
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

/** The variable that carries the run id of the host in the environment of every process that it starts. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";

const ASSIGNMENT = Buffer.from(`${RUN_ID_VARIABLE}=`);

/**
 * The run id that a process was started with; `undefined` when it has none or may not be looked at. Linux only: macOS
 * does not show one process the environment of another.
 */
export function runIdInEnvironment(pid: number): string | undefined {
  const environment = readProcFile(pid, "environ");
  return environment === undefined ? undefined : findRunId(environment);
}

/** Finds the run id in an environment block: assignments that end in a zero byte. */
export function findRunId(environment: Buffer): string | undefined {
  let at = environment.indexOf(ASSIGNMENT);
  while (at > 0 && environment[at - 1] !== 0) at = environment.indexOf(ASSIGNMENT, at + 1);
  if (at === -1) return undefined;
  const end = environment.indexOf(0, at);
  return environment.toString("latin1", at + ASSIGNMENT.length, end === -1 ? environment.length : end);
}

/**
 * Returns a file of a process in /proc; `undefined` when the process does not exist or may not be inspected.
 *
 * @throws what the file system says when this process, or the system, has no file descriptor left: that nothing can be
 *   seen does not mean that the process is dead.
 */
function readProcFile(pid: number, file: "stat" | "environ"): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EMFILE" || code === "ENFILE") throw thrown;
    return undefined;
  }
}
