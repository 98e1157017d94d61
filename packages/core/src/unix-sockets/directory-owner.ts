import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

/** The process that owns a directory, with data that distinguishes it from a later process with the same PID. */
export interface DirectoryOwner {
  readonly pid: number;
  /** The start time of the process as reported by the operating system; empty if it reports none. */
  readonly startTime: string;
  /** Identifies the boot of the machine, or only the machine if boots have no ID. */
  readonly boot: string;
  /** Identifies the PID namespace: each container has a separate one. */
  readonly pidSpace: string;
}

/** Returns the data of this process. */
export function currentOwner(): DirectoryOwner {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "", boot: boot(), pidSpace: pidSpace() };
}

/** Writes the owner of a directory to the file at `path`. */
export function writeOwner(path: string, owner: DirectoryOwner): void {
  writeFileSync(path, `${JSON.stringify(owner)}\n`, { mode: 0o600, flag: "wx" });
}

/**
 * Whether the owner in the file at `path` is certainly dead. It is uncertain if the file cannot be read, or if the
 * boot, the machine or the PID namespace is another one.
 */
export function isOwnerDead(path: string): boolean {
  const owner = readOwner(path);
  if (owner === undefined || owner.boot !== boot() || owner.pidSpace !== pidSpace()) return false;
  if (!isAlive(owner.pid)) return true;
  const startTime = startTimeOf(owner.pid);
  return owner.startTime !== "" && startTime !== undefined && startTime !== owner.startTime;
}

/** Returns the owner in the file at `path`; `undefined` if the file is missing, unreadable or incomplete. */
export function readOwner(path: string): DirectoryOwner | undefined {
  let owner: Partial<DirectoryOwner> | null;
  try {
    owner = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The file is missing, unreadable or incomplete.
    return undefined;
  }
  const { pid, startTime, boot, pidSpace } = owner ?? {};
  if (!Number.isInteger(pid) || pid === undefined || pid <= 0) return undefined;
  if (typeof startTime !== "string" || typeof boot !== "string" || typeof pidSpace !== "string") return undefined;
  return { pid, startTime, boot, pidSpace };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: the process exists and belongs to another user.
    return (thrown as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/**
 * Returns field 22 of /proc/PID/stat, in clock ticks since boot. Parsing starts after the command, which may contain
 * any character.
 */
function startTimeOf(pid: number): string | undefined {
  const stat = readIfExists(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function boot(): string {
  return readIfExists(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? hostname();
}

function pidSpace(): string {
  return readIfExists(() => readlinkSync("/proc/self/ns/pid")) ?? "";
}

/** Returns the result of `read`; `undefined` if the system has no such file. */
function readIfExists(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
