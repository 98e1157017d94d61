import { execFileSync } from "node:child_process";

/** The output of `ps` for one process on macOS. */
export interface DarwinProcess {
  readonly pid: number;
  readonly processGroup: number;
  /** State letters; the first letter of a zombie is `Z`. */
  readonly state: string;
  /** The start time in UTC, with a resolution of one second: `Mon Nov  3 09:41:00 2025`. */
  readonly startTime: string;
}

const COLUMNS = ["pid", "pgid", "stat", "lstart"].flatMap((name) => ["-o", `${name}=`]);

/**
 * Returns the processes that `ps` selects with these arguments. An empty selection is not an error.
 *
 * @throws the error of Node.js when `ps` cannot be run.
 */
export function listDarwinProcesses(selection: readonly string[]): readonly DarwinProcess[] {
  let output: string;
  try {
    output = execFileSync("/bin/ps", [...selection, ...COLUMNS], {
      encoding: "utf8",
      // The start time is compared as a string, so it must not depend on the locale or the time zone.
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (thrown) {
    // ps exits with status 1 when it selects no process. Any other failure proves nothing about the processes.
    if ((thrown as { readonly status?: unknown }).status !== 1) throw thrown;
    return [];
  }
  return parseDarwinProcesses(output);
}

/** Parses the output of `ps -o pid= -o pgid= -o stat= -o lstart=`. */
export function parseDarwinProcesses(output: string): readonly DarwinProcess[] {
  return output.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
    if (match === null) return [];
    const [, pid, processGroup, state = "", startTime = ""] = match;
    return [{ pid: Number(pid), processGroup: Number(processGroup), state, startTime }];
  });
}
