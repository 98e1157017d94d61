import { readFileSync } from "node:fs";

const MIB = 1024 * 1024;

/** Proportional set size of a process in MiB: shared pages count by the share of each process that has them. */
export function pssMib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const match = /^Pss:\s+(\d+) kB/m.exec(rollup);
  if (match === null) throw new Error(`no Pss in the memory map of process ${pid}`);
  return Number(match[1]) / 1024;
}

/** Resident memory of this process in MiB. */
export function ownRssMib(): number {
  return process.memoryUsage.rss() / MIB;
}
