import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";

/** The limits of this process and its container, and how much of them is used. `undefined`: unlimited or unknown. */
export interface SystemLimits {
  /** Limit of open files of this process (RLIMIT_NOFILE). */
  readonly openFiles: number | undefined;
  /** Limit of processes and threads of this user (RLIMIT_NPROC); does not apply to root. */
  readonly userProcesses: LimitedResource | undefined;
  /** Limit of processes and threads of the control group (`pids.max`). */
  readonly groupProcesses: LimitedResource | undefined;
  /** Free memory of the machine in bytes. */
  readonly freeMemory: number;
  /** Memory of the control group in bytes. */
  readonly groupMemory: LimitedResource | undefined;
  readonly processors: number;
}

/** A limit and its use. */
export interface LimitedResource {
  readonly limit: number;
  readonly used: number;
  /** What defines the limit, for example the file of the control group. */
  readonly source: string;
}

/** Reads the limits of this process. On macOS, the limits of processes and control groups are unknown. */
export function readSystemLimits(): SystemLimits {
  const groups = controlGroups();
  return {
    openFiles: resourceLimit("open_files"),
    userProcesses: userProcesses(),
    groupProcesses: tightest(groups.flatMap((group) => groupLimit(group, "pids", "pids.max", "pids.current"))),
    freeMemory: availableMemory(),
    groupMemory: tightest(groups.flatMap(groupMemory)),
    processors: availableParallelism(),
  };
}

function userProcesses(): LimitedResource | undefined {
  const limit = resourceLimit("max_user_processes");
  const uid = process.getuid?.();
  // The kernel does not apply it to root (getrlimit(2): CAP_SYS_RESOURCE).
  if (process.platform !== "linux" || limit === undefined || uid === undefined || uid === 0) return undefined;
  return { limit, used: threadsOf(uid), source: "ulimit -u" };
}

/** The names of limits in /proc/self/limits and in a diagnostic report of Node.js. */
const LIMIT_NAMES = { open_files: "Max open files", max_user_processes: "Max processes" } as const;

/** Returns a soft limit of this process; `undefined` if it is unlimited or unknown. */
function resourceLimit(name: keyof typeof LIMIT_NAMES): number | undefined {
  if (process.platform === "linux") {
    const limit = new RegExp(`^${LIMIT_NAMES[name]} +(\\d+)`, "m").exec(read("/proc/self/limits"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  }
  const { userLimits } = process.report.getReport() as { userLimits?: Record<string, { soft: number | "unlimited" }> };
  const soft = userLimits?.[name]?.soft;
  return typeof soft === "number" ? soft : undefined;
}

/** Returns the number of threads of all processes of a user. */
function threadsOf(uid: number): number {
  let threads = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const status = read(join("/proc", pid, "status"));
    if (/^Uid:\s+(\d+)/m.exec(status)?.[1] === String(uid))
      threads += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return threads;
}

function availableMemory(): number {
  // Memory that the kernel uses for files is available, but not free.
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(read("/proc/meminfo"))?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

/** A control group of this process, and its parents. */
interface ControlGroup {
  /** `2` for the unified hierarchy, otherwise the name of a controller of version 1. */
  readonly controller: string;
  readonly directories: readonly string[];
}

/** Returns the groups of this process in /proc/self/cgroup (cgroups(7)). */
function controlGroups(): readonly ControlGroup[] {
  return read("/proc/self/cgroup")
    .split("\n")
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (controllers === undefined || path === undefined) return [];
      if (controllers === "") return [{ controller: "2", directories: withParents("/sys/fs/cgroup", path) }];
      return controllers
        .split(",")
        .map((controller) => ({ controller, directories: withParents(`/sys/fs/cgroup/${controller}`, path) }));
    });
}

/** In a container, the path may be that of the machine; its own group is then the root of the mounted tree. */
function withParents(root: string, path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== "..");
  return [root, ...names.map((_name, index) => join(root, ...names.slice(0, index + 1)))];
}

function groupMemory(group: ControlGroup): readonly LimitedResource[] {
  return group.controller === "2"
    ? groupLimit(group, "2", "memory.max", "memory.current")
    : groupLimit(group, "memory", "memory.limit_in_bytes", "memory.usage_in_bytes");
}

function groupLimit(
  { controller, directories }: ControlGroup,
  name: string,
  limitFile: string,
  usageFile: string,
): readonly LimitedResource[] {
  if (controller !== "2" && controller !== name) return [];
  return directories.flatMap((directory) => {
    const source = join(directory, limitFile);
    const limit = Number.parseInt(read(source), 10);
    const used = Number.parseInt(read(join(directory, usageFile)), 10);
    // Version 1 has a very large number instead of "max".
    if (!Number.isSafeInteger(limit) || Number.isNaN(used)) return [];
    return [{ limit, used: used - reclaimable(directory, limitFile), source }];
  });
}

/** The memory that the kernel uses for files of a group counts as used, but is freed when it is needed. */
function reclaimable(directory: string, limitFile: string): number {
  if (!limitFile.startsWith("memory.")) return 0;
  return Number(/^(?:total_)?inactive_file (\d+)/m.exec(read(join(directory, "memory.stat")))?.[1] ?? 0);
}

function tightest(resources: readonly LimitedResource[]): LimitedResource | undefined {
  const free = ({ limit, used }: LimitedResource) => limit - used;
  return resources.toSorted((first, second) => free(first) - free(second))[0];
}

/** Returns the memory in bytes that a process does not share with others; `undefined` on macOS. */
export function privateMemory(pid: number): number | undefined {
  const sizes = [...read(`/proc/${pid}/smaps_rollup`).matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)];
  return sizes.length === 0 ? undefined : sizes.reduce((total, [, size]) => total + Number(size) * 1024, 0);
}

/** Returns the content of a file of the kernel; an empty string if it does not exist. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
