import { readdirSync, readFileSync } from "node:fs";

/** One row of /proc. */
export interface ProcessRow {
  readonly pid: number;
  readonly command: string;
  /** The initial environment of the process. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Returns the running processes that this user may inspect; empty without /proc. */
export function readProcessTable(): readonly ProcessRow[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name)).flatMap((pid) => readRow(Number(pid)) ?? []);
}

// A process may end between two reads, and processes of other users may be unreadable: neither is listed.
// A zombie has no environment, so it has no mark.
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
