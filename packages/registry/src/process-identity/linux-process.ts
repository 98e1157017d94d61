import { readFileSync } from "node:fs";

/** The content of `/proc/<pid>/stat` (proc_pid_stat(5)). */
interface LinuxProcessStat {
  /** One letter; `Z` and `X` mean dead. */
  readonly state: string;
  readonly processGroup: number;
  /** The start time in clock ticks after boot. */
  readonly startTime: string;
}

/** Reads `/proc/<pid>/stat`; `undefined` when the process does not exist or may not be inspected. */
export function readLinuxProcessStat(pid: number): LinuxProcessStat | undefined {
  // The command may contain any bytes, which latin1 can decode.
  const line = readProcFile(pid, "stat")?.toString("latin1");
  return line === undefined ? undefined : parseLinuxProcessStat(line);
}

/** Parses the content of `/proc/<pid>/stat`. */
export function parseLinuxProcessStat(line: string): LinuxProcessStat | undefined {
  // The second field is the command in parentheses. It may contain spaces and parentheses, so parsing starts after the
  // last one.
  const [state, , processGroup, ...rest] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const startTime = rest[16];
  if (state === undefined || startTime === undefined) return undefined;
  return { state, processGroup: Number(processGroup), startTime };
}

/** The environment variable with the run ID of the host, which is set for every process that the host starts. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";

const ASSIGNMENT = Buffer.from(`${RUN_ID_VARIABLE}=`);

/**
 * Returns the run ID in the environment of a process; `undefined` when it has none or may not be inspected. Linux only:
 * on macOS a process cannot read the environment of another.
 */
export function runIdInEnvironment(pid: number): string | undefined {
  const environment = readProcFile(pid, "environ");
  return environment === undefined ? undefined : findRunId(environment);
}

/** Returns the run ID in an environment block, whose assignments end with a zero byte. */
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
 * @throws the error of the file system when this process or the system has no file descriptor left, because that does
 *   not mean that the inspected process is dead.
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
