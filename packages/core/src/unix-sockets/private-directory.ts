import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { currentOwner, isOwnerDead, writeOwner } from "./directory-owner.ts";
import { describeFailure, pathLengthProblem, socketPathProblem } from "./socket-path.ts";

/** A directory for the sockets of a host, with mode 0700. */
export interface PrivateDirectory {
  readonly path: string;
  /** Removes the directory and its contents. Can be called repeatedly. */
  remove(): void;
}

/** Where a {@link PrivateDirectory} is created. */
export interface PrivateDirectoryOptions {
  /** The name of the directory without its prefix: the ID of the run, or a string that begins with it. */
  readonly name: string;
  /** The parent directory; by default the first usable one of {@link socketBases}. */
  readonly base?: string | undefined;
  /** The name of the socket with the longest name. */
  readonly socket: string;
  /** What the sockets are for, in an error message: `sockets of the workers`. */
  readonly purpose: string;
}

/** The beginning of the names of all directories with sockets of hosts. */
export const SOCKET_DIRECTORY_PREFIX = "snakepit-";
/** The name of the file that identifies the owner of such a directory. */
export const OWNER_FILE = "owner.json";
/** The names of the sockets that hosts create. */
const SOCKETS = ["worker.sock", "grpc.sock", "control.sock"];
/** The names of pipes and files that workers create; their host removes them unless it dies first. */
const WORKER_SUFFIXES = [".permits", ".unsent"];
/** The suffix of a directory that is being removed. */
const ENDED = ".ended";
/** The directory of a run, with a number if it is not the first one of the run; see `newRunId()`. */
const NAME_OF_RUN = /^snakepit-[0-9a-z]{7}(-\d+|-control)?$/;
/** Milliseconds after which a directory without an owner belongs to no host that is starting. */
const ABANDONED_MS = 60_000;

/** The open directories of this process. One `exit` listener removes all of them. */
const open = new Set<PrivateDirectory>();

/**
 * Creates the directory. First removes directories that dead runs left in the same parent directory.
 *
 * @throws SnakepitError `INVALID_CONFIG` if no parent directory can be used.
 */
export function openPrivateDirectory(options: PrivateDirectoryOptions): PrivateDirectory {
  const path = createInUsableBase(options);
  const directory: PrivateDirectory = {
    path,
    remove() {
      open.delete(directory);
      if (open.size === 0) process.off("exit", removeAll);
      rmSync(path, { recursive: true, force: true });
    },
  };
  if (open.size === 0) process.on("exit", removeAll);
  open.add(directory);
  return directory;
}

/** Creates the directory; returns the problem if that failed. */
function creationProblem(path: string, base: string): string | undefined {
  const owner = currentOwner();
  try {
    // A process that has opened another directory has looked for dead ones.
    if (open.size === 0) removeDead(base);
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // The base exists, but no directory can be created in it, as in /proc.
    const isUnsupported = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    return `${base} ${isUnsupported ? "does not support directories" : describeFailure(thrown)}`;
  }
  try {
    // The umask may have removed permissions.
    chmodSync(path, 0o700);
    writeOwner(join(path, OWNER_FILE), owner);
    return undefined;
  } catch (thrown) {
    rmSync(path, { recursive: true, force: true });
    return `${base} ${describeFailure(thrown)}`;
  }
}

function removeAll(): void {
  for (const directory of open) directory.remove();
}

/**
 * Creates the directory in the configured place, or in the first usable default. The user's runtime directory is last:
 * it is removed when the user logs out, while the host may continue.
 */
function createInUsableBase({ name, base: configured, socket, purpose }: PrivateDirectoryOptions): string {
  const problems: string[] = [];
  for (const base of configured === undefined ? socketBases() : [resolve(configured)]) {
    const path = join(base, `${SOCKET_DIRECTORY_PREFIX}${name}`);
    // Not the whole path: the directory itself does not exist yet.
    const problem =
      socketPathProblem(join(base, socket)) ?? pathLengthProblem(join(path, socket)) ?? creationProblem(path, base);
    if (problem === undefined) return path;
    problems.push(problem);
  }
  throw unusable(purpose, problems.join("; "));
}

/** Returns the directories in which hosts create the directories of their sockets by default, the preferred first. */
export function socketBases(): readonly string[] {
  const runtimeDirectory = process.env["XDG_RUNTIME_DIR"];
  return [...new Set([tmpdir(), "/tmp", ...(runtimeDirectory ? [runtimeDirectory] : [])])];
}

function unusable(purpose: string, reason: string): SnakepitError {
  return new SnakepitError(
    "INVALID_CONFIG",
    `the ${purpose} could not be created: ${reason}; set socketDirectory to a directory with a short path that this user can write to`,
  );
}

/** Removes the directories of runs whose process has certainly ended, and only files that a run creates. */
function removeDead(base: string): void {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(SOCKET_DIRECTORY_PREFIX)) continue;
    const path = join(base, name);
    if (!isOwnDirectory(path)) continue;
    try {
      if (isOwnerDead(join(path, OWNER_FILE)) && containsOnlyOurFiles(path)) removeRenamed(path);
      else if (NAME_OF_RUN.test(name) && isAbandoned(path)) rmdirSync(path);
    } catch {
      // A file was added meanwhile, or another host is removing the directory too. Both are harmless.
    }
  }
}

/**
 * Removes the directory under another name, so that a worker of the dead host that is still starting creates no file in
 * it. The owner is removed last: if this process is killed, the next host continues.
 */
function removeRenamed(path: string): void {
  const renamed = `${path}${ENDED}`;
  renameSync(path, renamed);
  for (const file of readdirSync(renamed)) if (file !== OWNER_FILE) rmSync(join(renamed, file));
  rmSync(join(renamed, OWNER_FILE));
  rmdirSync(renamed);
}

function containsOnlyOurFiles(path: string): boolean {
  const ours = [...SOCKETS, OWNER_FILE];
  return readdirSync(path).every((file) => ours.includes(file) || WORKER_SUFFIXES.some((each) => file.endsWith(each)));
}

/** Whether a host was killed after it created the directory of a run and before it wrote the owner. */
function isAbandoned(path: string): boolean {
  return readdirSync(path).length === 0 && Date.now() - lstatSync(path).mtimeMs > ABANDONED_MS;
}

/** Whether a path is a directory of this user, rather than a link that another user may have created. */
export function isOwnDirectory(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && stat.uid === process.getuid?.();
  } catch {
    // It is missing, below a file, or in a directory that only another user can enter.
    return false;
  }
}
