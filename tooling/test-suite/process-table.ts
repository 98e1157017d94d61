import { readdirSync, readFileSync } from "node:fs";

/** One row of /proc. */
export interface ProcessRow {
  readonly pid: number;
  readonly command: string;
  /** The environment the process was started with. */
  readonly environment: ReadonlyMap<string, string>;
}

/** The living processes of this machine that this user may look at; empty where there is no /proc. */
export function readProcessTable(): readonly ProcessRow[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name)).flatMap((pid) => readRow(Number(pid)) ?? []);
}

// A process may end between two reads, and others' processes may not be read at all: both are simply not listed.
// A zombie has no environment any more, so it carries no mark.
function readRow(pid: number): ProcessRow | undefined {
  try {
    return {
      pid,
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      environment: parseEnvironment(readFileSync(`/proc/${pid}/environ`, "utf8")),
    };
  } catch {
    return undefined;
  }
}

function parseEnvironment(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split("\0").map((entry) => {
      const equals = entry.indexOf("=");
      return [entry.slice(0, equals), entry.slice(equals + 1)] as const;
    }),
  );
}
