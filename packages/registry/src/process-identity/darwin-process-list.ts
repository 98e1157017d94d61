import { execFileSync } from "node:child_process";

/** What `ps` reports about a process on macOS. */
export interface DarwinProcess {
  readonly pid: number;
  readonly processGroup: number;
  /** Letters; `Z` first is a zombie. */
  readonly state: string;
  /** When the process started, in UTC, to the second: `Mon Nov  3 09:41:00 2025`. */
  readonly startTime: string;
}

const COLUMNS = ["pid", "pgid", "stat", "lstart"].flatMap((name) => ["-o", `${name}=`]);

/**
 * The processes that `ps` selects with these arguments; none is not an error.
 *
 * @throws what Node says when `ps` cannot be run.
 */
export function listDarwinProcesses(selection: readonly string[]): readonly DarwinProcess[] {
  let output: string;
  try {
    output = execFileSync("/bin/ps", [...selection, ...COLUMNS], {
      encoding: "utf8",
      // The start time is compared as text, so neither language nor time zone may change it.
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (thrown) {
    // ps ends with status 1 when it selects nothing. When it could not be run, nothing is known of any process.
    if ((thrown as { readonly status?: unknown }).status !== 1) throw thrown;
    return [];
  }
  return parseDarwinProcesses(output);
}

/** Takes the output of `ps -o pid= -o pgid= -o stat= -o lstart=` apart. */
export function parseDarwinProcesses(output: string): readonly DarwinProcess[] {
  return output.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
    if (match === null) return [];
    const [, pid, processGroup, state = "", startTime = ""] = match;
    return [{ pid: Number(pid), processGroup: Number(processGroup), state, startTime }];
  });
}
