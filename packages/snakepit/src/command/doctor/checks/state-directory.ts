import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { CheckResult, Finding } from "../finding.ts";

/** What is examined. */
export interface StateDirectoryFacts {
  /** The directory; `undefined` for a user without a home directory. */
  readonly path: string | undefined;
  /** The ID of this user. */
  readonly uid: number;
  /** Whether a database of the host is in the directory. */
  readonly isUsed: boolean;
}

const REASON = "It contains the process registry, with which a host ends the processes that a dead host left";
/** Files in the directory that are accessible to this user only. */
const FILES = ["registry.db", "registry.db-wal", "registry.db-shm", "state.db", "state.db-wal", "state.db-shm"];
/** A draft of the machine ID, which its process removes within milliseconds. */
const DRAFT = /^machine-id\.\d+\.[0-9a-f]{8}$/;
const ABANDONED_MS = 60_000;

/** Checks the owner and the permissions of the state directory and its files, and that it contains no stale files. */
export function checkStateDirectory({ path, uid, isUsed }: StateDirectoryFacts): CheckResult {
  if (path === undefined) {
    const problem = `there is no state directory: HOME is not set, and user ID ${uid} has no entry in the user database`;
    const remedy = "set HOME or XDG_STATE_HOME to a directory that this user can write to, or registry: { path }";
    return { facts: "none", findings: isUsed ? [{ severity: "error", problem, reason: REASON, remedy }] : [] };
  }
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch {
    // A parent cannot be entered, or is not a directory.
    found = undefined;
  }
  if (found === undefined) {
    const blocked = missingProblem(path, isUsed);
    return { facts: `${path} (created by the first host)`, findings: blocked === undefined ? [] : [blocked] };
  }
  if (!found.isDirectory()) {
    const problem = `${path} must be a directory; got a file`;
    return {
      facts: path,
      findings: [{ severity: "error", problem, reason: REASON, remedy: `move it away: mv ${path} ${path}.old` }],
    };
  }
  const findings = [
    ownerFinding(path, found, uid),
    permissionFinding(path, found, uid),
    ...(isReadable(path) ? [...fileFindings(path, uid), staleFinding(path)] : []),
  ];
  return { facts: path, findings: findings.filter((each) => each !== undefined) };
}

function missingProblem(path: string, isUsed: boolean): Finding | undefined {
  let parent = dirname(path);
  while (!isAccessible(parent, constants.F_OK) && parent !== dirname(parent)) {
    // For example to a disk that is not mounted: neither the link nor a directory below it can be created.
    if (isUsed && isLink(parent)) return danglingLink(path, parent);
    parent = dirname(parent);
  }
  const isDirectory = statSync(parent).isDirectory();
  if (!isUsed || (isDirectory && isAccessible(parent, constants.W_OK | constants.X_OK))) return undefined;
  const cause = isDirectory ? `this user cannot write to ${parent}` : `${parent} is not a directory`;
  return {
    severity: "error",
    problem: `the state directory ${path} cannot be created: ${cause}`,
    reason: REASON,
    remedy: `make ${parent} writable, or set XDG_STATE_HOME to a directory that this user can write to, or registry: { path }`,
  };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function danglingLink(path: string, link: string): Finding {
  const target = readlinkSync(link);
  return {
    severity: "error",
    problem: `the state directory ${path} cannot be created: ${link} is a link to ${target}, which cannot be accessed`,
    reason: REASON,
    remedy: `create ${target}, remove the link, or set XDG_STATE_HOME to a directory that this user can write to`,
  };
}

function ownerFinding(path: string, { uid: owner }: Stats, uid: number): Finding | undefined {
  if (owner === uid) return undefined;
  return {
    severity: "warning",
    problem: `the state directory ${path} belongs to user ID ${owner}, and this process has user ID ${uid}`,
    reason:
      uid === 0
        ? "Files that root creates there cannot be used by its owner; this happens under sudo, which keeps HOME"
        : "Another user controls the registry",
    remedy:
      uid === 0
        ? `run as that user, or set XDG_STATE_HOME to a directory of root, or: chown -R 0 ${path}`
        : `sudo chown -R ${uid} ${path}`,
  };
}

function permissionFinding(path: string, stats: Stats, uid: number): Finding | undefined {
  const mode = stats.mode & 0o777;
  const isUsable = isAccessible(path, constants.R_OK | constants.W_OK | constants.X_OK);
  if (isUsable && (mode & 0o077) === 0) return undefined;
  const remedy = `chmod 700 ${path}`;
  const repair = async () => {
    chmodSync(path, 0o700);
    return `set the mode of ${path} to 700`;
  };
  const isOwn = stats.uid === uid;
  if (!isUsable) {
    return {
      severity: "error",
      problem: `this user cannot write to the state directory ${path} (mode ${octal(mode)}, user ID ${stats.uid})`,
      reason: REASON,
      remedy: isOwn ? remedy : `sudo chown -R ${uid} ${path} && ${remedy}`,
      ...(isOwn && { repair }),
    };
  }
  return {
    severity: "warning",
    problem: `the state directory ${path} must have mode 700; got ${octal(mode)}`,
    reason: "Other users can list or change what is stored there",
    remedy,
    ...((isOwn || uid === 0) && { repair }),
  };
}

function fileFindings(path: string, uid: number): readonly Finding[] {
  return FILES.flatMap((name) => {
    const file = join(path, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const mode = stats.mode & 0o777;
    const isUsable = isAccessible(file, constants.R_OK | constants.W_OK);
    if (isUsable && (mode & 0o077) === 0) return [];
    const isOwn = stats.uid === uid;
    const repair = async () => {
      chmodSync(file, 0o600);
      return `set the mode of ${file} to 600`;
    };
    const finding: Finding = {
      severity: isUsable ? "warning" : "error",
      problem: isUsable
        ? `${file} must have mode 600; got ${octal(mode)}`
        : `this user cannot read and write ${file} (mode ${octal(mode)}, user ID ${stats.uid})`,
      reason: isUsable ? "Other users can read or change what is stored there" : REASON,
      remedy: isOwn || isUsable ? `chmod 600 ${file}` : `sudo chown ${uid} ${file}`,
      ...((isOwn || (isUsable && uid === 0)) && { repair }),
    };
    return [finding];
  });
}

function staleFinding(path: string): Finding | undefined {
  const stale = readdirSync(path)
    .filter((name) => DRAFT.test(name))
    .map((name) => join(path, name))
    .filter(
      (file) =>
        Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) > ABANDONED_MS,
    );
  if (stale.length === 0) return undefined;
  return {
    severity: "warning",
    problem: `stale files in the state directory: ${stale.join(", ")}`,
    reason: "A host that was killed during its start left them; they are never used",
    remedy: `rm ${stale.join(" ")}`,
    repair: async () => {
      for (const file of stale) rmSync(file, { force: true });
      return `removed ${stale.join(", ")}`;
    },
  };
}

function isReadable(path: string): boolean {
  return isAccessible(path, constants.R_OK | constants.X_OK);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
