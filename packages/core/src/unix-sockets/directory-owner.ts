import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

/** The process that owns a directory, told apart from a later one with the same pid. */
export interface DirectoryOwner {
  readonly pid: number;
  /** When the process started, as the operating system reports it; empty where it does not. */
  readonly startTime: string;
  /** Names the boot of the machine, or the machine where there is no such name. */
  readonly boot: string;
  /** Names the space in which the pid holds: containers have their own. */
  readonly pidSpace: string;
}

/** This process. */
export function currentOwner(): DirectoryOwner {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "", boot: boot(), pidSpace: pidSpace() };
}

/** Writes who owns a directory into `path`. */
export function writeOwner(path: string, owner: DirectoryOwner): void {
  writeFileSync(path, `${JSON.stringify(owner)}\n`, { mode: 0o600, flag: "wx" });
}

/**
 * Whether the owner that stands in the file at `path` is dead beyond doubt. A file that cannot be read, another boot,
 * another machine and another space of pids all leave doubt.
 */
export function isOwnerDead(path: string): boolean {
  const owner = readOwner(path);
  if (owner === undefined || owner.boot !== boot() || owner.pidSpace !== pidSpace()) return false;
  if (!isAlive(owner.pid)) return true;
  const startTime = startTimeOf(owner.pid);
  return owner.startTime !== "" && startTime !== undefined && startTime !== owner.startTime;
}

function readOwner(path: string): DirectoryOwner | undefined {
  let owner: Partial<DirectoryOwner> | null;
  try {
    owner = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not there, not readable or not finished: nothing is known.
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
    // EPERM: alive, and of another user.
    return (thrown as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Field 22 of /proc/PID/stat, clock ticks since boot; the command before it may hold anything, so from its end. */
function startTimeOf(pid: number): string | undefined {
  const stat = ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function boot(): string {
  return ifThere(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? hostname();
}

function pidSpace(): string {
  return ifThere(() => readlinkSync("/proc/self/ns/pid")) ?? "";
}

/** Returns what `read` returns, or nothing where the system has no such file. */
function ifThere(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
