import { closeSync, openSync } from "node:fs";

/** What the operating system, or a limit of this process, had none left of, by the code of the error. */
export type Shortage = "EMFILE" | "ENFILE" | "EAGAIN" | "ENOMEM";

/** What was to be started when something ran out. */
export interface Demand {
  /** Workers that the pool keeps. */
  readonly workers: number;
  /** Those of them that run already, each with one descriptor in the process that has none left. */
  readonly running: number;
}

/** Descriptors that are free when a connection can be accepted without loss. */
const FREE_DESCRIPTORS = 4;
/** Descriptors in addition to those of the workers: what starts and ends of processes take for a moment. */
const SPARE_DESCRIPTORS = 32;

/** Whether an error code names something that has run out, and that may be available again in a moment. */
export function isShortage(code: string | null | undefined): code is Shortage {
  return code === "EMFILE" || code === "ENFILE" || code === "EAGAIN" || code === "ENOMEM";
}

/**
 * Whether this process, or the system, has hardly any file descriptor left. libuv accepts and closes a connection for
 * which there is none, without an error (uv__emfile_trick), so this is the only sign of it.
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

/** What has run out, which limit says so, and what to do about it. */
export function describeShortage(shortage: Shortage, { workers, running }: Demand): string {
  const fewer = "or start fewer workers (size)";
  switch (shortage) {
    case "EMFILE": {
      const limit = softLimit("open_files");
      const needed = Math.ceil(((limit ?? 0) - running + workers + SPARE_DESCRIPTORS) / 10) * 10;
      const allowed = limit === undefined ? "" : `, which allows ${limit}`;
      return `there are no more file descriptors within the host's limit of open files${allowed}; ${workers} ${workers === 1 ? "worker needs" : "workers need"} about ${needed}: raise the limit (ulimit -n ${needed} in the shell that starts the host, LimitNOFILE=${needed} in its systemd unit), ${fewer}`;
    }
    case "ENFILE":
      return `the system has no more file descriptors; raise its limit (sysctl fs.file-max), close what other programs have open, ${fewer}`;
    case "EAGAIN": {
      const limit = softLimit("max_user_processes");
      const allowed = limit === undefined ? "" : `, which allows ${limit} to this user`;
      return `there are no more processes or threads within the limit of the user (ulimit -u${allowed}) or of the container (TasksMax in its systemd unit, pids.max of its cgroup, --pids-limit of Docker); raise the limit that is reached, ${fewer}`;
    }
    case "ENOMEM":
      return `there is no more memory; give the machine or container more, ${fewer}`;
    default:
      return shortage satisfies never;
  }
}

/** A limit of this process (getrlimit(2)), for which no file need be opened; `undefined` when there is none. */
function softLimit(name: "open_files" | "max_user_processes"): number | undefined {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const excluded = report.excludeNetwork;
  // Otherwise it looks up a name for every open connection.
  report.excludeNetwork = true;
  try {
    const { userLimits } = report.getReport() as { userLimits?: Record<string, { soft: number | "unlimited" }> };
    const soft = userLimits?.[name]?.soft;
    return typeof soft === "number" ? soft : undefined;
  } finally {
    report.excludeNetwork = excluded ?? false;
  }
}
