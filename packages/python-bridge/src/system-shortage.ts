import { closeSync, openSync, readFileSync } from "node:fs";

/** The error codes of an exhausted system resource. */
export type Shortage = "EMFILE" | "ENFILE" | "EAGAIN" | "ENOMEM";

/** The number of workers that needed the resource. */
export interface Demand {
  /** The size of the pool, in workers. */
  readonly workers: number;
  /** Workers that are connected; each uses {@link DESCRIPTORS_PER_WORKER} of the process that ran out. */
  readonly connected: number;
}

/** Descriptors of a host for a worker, at most: connection, pipe of start permits, file of unsent answers. */
const DESCRIPTORS_PER_WORKER = 3;
/** Free descriptors with which a connection can be accepted reliably. */
const FREE_DESCRIPTORS = 4;
/** Descriptors in addition to those of the workers: starting and ending processes use some temporarily. */
const SPARE_DESCRIPTORS = 32;

/** Whether an error code reports an exhausted resource, which may become available again. */
export function isShortage(code: string | null | undefined): code is Shortage {
  return code === "EMFILE" || code === "ENFILE" || code === "EAGAIN" || code === "ENOMEM";
}

/**
 * Returns the shortage if this process or the system has almost no file descriptors left. Without a free descriptor,
 * libuv accepts and closes connections without an error (uv__emfile_trick), so this is the only way to detect it.
 */
export function descriptorShortage(): Shortage | undefined {
  const opened: number[] = [];
  try {
    while (opened.length < FREE_DESCRIPTORS) opened.push(openSync("/dev/null", "r"));
    return undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === "EMFILE" || code === "ENFILE" ? code : undefined;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Returns a description of the exhausted resource with its limit and the remedy. */
export function describeShortage(shortage: Shortage, { workers, connected }: Demand): string {
  const fewer = "or start fewer workers (size)";
  switch (shortage) {
    case "EMFILE": {
      const limit = softLimit("open_files");
      const missing = DESCRIPTORS_PER_WORKER * (workers - connected) + SPARE_DESCRIPTORS;
      const needed = Math.ceil(((limit ?? 0) + missing) / 10) * 10;
      const allowed = limit === undefined ? "" : `, which allows ${limit}`;
      return `the host has reached its limit of open files${allowed}; ${workers} ${workers === 1 ? "worker needs" : "workers need"} about ${needed}: raise the limit (ulimit -n ${needed} in the shell that starts the host, LimitNOFILE=${needed} in its systemd unit), ${fewer}`;
    }
    case "ENFILE":
      return `the system has no free file descriptors; raise its limit (sysctl fs.file-max), close other programs, ${fewer}`;
    case "EAGAIN": {
      const limit = softLimit("max_user_processes");
      const allowed = limit === undefined ? "" : `, which allows ${limit}`;
      return `the limit of processes and threads has been reached, either of the user (ulimit -u${allowed}) or of the container (TasksMax in its systemd unit, pids.max of its cgroup, --pids-limit of Docker); raise that limit, ${fewer}`;
    }
    case "ENOMEM":
      return `out of memory; add memory to the machine or container, ${fewer}`;
    default:
      return shortage satisfies never;
  }
}

const LIMITS = { open_files: /^Max open files +(\d+)/m, max_user_processes: /^Max processes +(\d+)/m };

/** The contents of `/proc/self/limits`, read while descriptors were free. */
let knownLimits = "";

/** Reads the limits of this process for later errors: during a shortage, no file may be opened. */
export function readLimits(): void {
  try {
    knownLimits = readFileSync("/proc/self/limits", "utf8");
  } catch {
    // The system has no such file, or no descriptor is free: what was read before is probably still right.
  }
}

/** Returns a soft limit of this process (getrlimit(2)); `undefined` if it is unlimited or unknown. */
function softLimit(name: keyof typeof LIMITS): number | undefined {
  readLimits();
  // Not on Linux: after failed accepts, the walk over the handles of a diagnostic report may never end.
  if (process.platform !== "linux") return softLimitInReport(name);
  const limit = LIMITS[name].exec(knownLimits)?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/** Returns a soft limit without opening a file. */
function softLimitInReport(name: keyof typeof LIMITS): number | undefined {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const excluded = report.excludeNetwork;
  // Otherwise the report resolves the host name of every open connection.
  report.excludeNetwork = true;
  try {
    const { userLimits } = report.getReport() as { userLimits?: Record<string, { soft: number | "unlimited" }> };
    const soft = userLimits?.[name]?.soft;
    return typeof soft === "number" ? soft : undefined;
  } finally {
    report.excludeNetwork = excluded ?? false;
  }
}
