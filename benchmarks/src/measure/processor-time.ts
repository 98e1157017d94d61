import { readFileSync } from "node:fs";

/** Processor time of a call in microseconds, user and system. */
export interface ProcessorTime {
  /** Of the Node.js process. */
  readonly host: number;
  /** Of all workers. */
  readonly workers: number;
}

/** The kernel counts in hundredths of a second in /proc (USER_HZ; see proc_pid_stat(5)). */
const MICROSECONDS_PER_TICK = 10_000;

/** Processor time used by this process and its workers so far, in microseconds. */
export class ProcessorTimes {
  readonly #host: number;
  /** Undefined where the system has no /proc. */
  readonly #workers: number | undefined;

  private constructor(host: number, workers: number | undefined) {
    this.#host = host;
    this.#workers = workers;
  }

  static now(pids: readonly number[]): ProcessorTimes {
    const { user, system } = process.cpuUsage();
    return new ProcessorTimes(user + system, process.platform === "linux" ? sum(pids.map(workerTime)) : undefined);
  }

  /** Returns the processor time of each of `calls` calls since an earlier moment. */
  perCallSince(before: ProcessorTimes, calls: number): ProcessorTime | undefined {
    if (this.#workers === undefined || before.#workers === undefined) return undefined;
    return { host: (this.#host - before.#host) / calls, workers: (this.#workers - before.#workers) / calls };
  }
}

function workerTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may contain spaces. User time is field 14, system time field 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
