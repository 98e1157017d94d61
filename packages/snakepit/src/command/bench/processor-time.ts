import { readFileSync } from "node:fs";

/** The unit of processor times in `/proc`: 100 a second on every Linux that Node.js supports (man 5 proc). */
const TICK_MS = 10;

/** Processor time in milliseconds since the start of the processes. */
export interface ProcessorTime {
  readonly hostMs: number;
  /** By process ID; empty on systems without `/proc`. */
  readonly workersMs: ReadonlyMap<number, number>;
}

/** Returns the processor time that this process and its workers have used, without their child processes. */
export function processorTime(workers: readonly { readonly pid: number }[]): ProcessorTime {
  const { user, system } = process.cpuUsage();
  const times = workers.flatMap(({ pid }) => {
    const ms = processMs(pid);
    return ms === undefined ? [] : [[pid, ms] as const];
  });
  return { hostMs: (user + system) / 1000, workersMs: new Map(times) };
}

/** The cores that were busy between two moments: 1.5 for one core all of the time and another one half of it. */
export interface BusyCores {
  readonly host: number;
  /** `null` where it is unknown: without `/proc`, or when a worker was replaced meanwhile. */
  readonly workers: number | null;
}

/** Returns how many cores were busy between two moments. */
export function busyCores(before: ProcessorTime, after: ProcessorTime, elapsedMs: number): BusyCores {
  const pids = [...before.workersMs.keys()];
  const isComplete = pids.length > 0 && pids.every((pid) => after.workersMs.has(pid));
  const used = pids.reduce((sum, pid) => sum + (after.workersMs.get(pid) ?? 0) - (before.workersMs.get(pid) ?? 0), 0);
  return { host: (after.hostMs - before.hostMs) / elapsedMs, workers: isComplete ? used / elapsedMs : null };
}

function processMs(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // Not Linux, or the process has ended.
    return undefined;
  }
  // The name of the program, in parentheses, may contain spaces. `utime` and `stime` are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
