import { readFileSync } from "node:fs";
import { median } from "./call-times.ts";

/** What it costs to start processes. */
export interface StartUp {
  /** Milliseconds until every process was ready. */
  readonly readyMs: number;
  /** Median proportional set size of a process, in MiB. */
  readonly pssMib: number;
}

export const MIB = 1024 * 1024;

/**
 * Returns the median proportional set size of processes in MiB: shared pages count by the share of each process that
 * has them.
 */
export function medianPssMib(pids: readonly number[]): number {
  return median(pids.map(pssMib));
}

function pssMib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const match = /^Pss:\s+(\d+) kB/m.exec(rollup);
  if (match === null) throw new Error(`no Pss in the memory map of process ${pid}`);
  return Number(match[1]) / 1024;
}

/** Returns the resident memory of this process in MiB, after a garbage collection if `--expose-gc` permits one. */
export function settledRssMib(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / MIB;
}
