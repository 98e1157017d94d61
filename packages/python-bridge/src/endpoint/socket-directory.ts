import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import {
  currentOwner,
  describeFailure,
  isOwnerDead,
  pathLengthProblem,
  socketPathProblem,
  writeOwner,
} from "@snakepit/core/unix-sockets";

/** A directory that belongs to one endpoint alone, mode 0700, with its sockets in it. */
export interface SocketDirectory {
  readonly path: string;
  /** The path of the socket that local workers dial. */
  readonly socketPath: string;
  /** The path of the socket for workers over gRPC. */
  readonly grpcSocketPath: string;
  /** Removes the directory and what is in it; may be called again. */
  remove(): void;
}

/** Where a {@link SocketDirectory} is made. */
export interface SocketDirectoryOptions {
  /** The name of the directory, less a prefix: the id of the run, or what begins with it. */
  readonly name: string;
  /** The directory in which it is made; by default the system's temporary directory. */
  readonly base?: string | undefined;
}

const PREFIX = "snakepit-";
const SOCKET = "worker.sock";
const GRPC_SOCKET = "grpc.sock";
const OWNER = "owner.json";

/** The directories of this process; one listener for them all, however many hosts it runs. */
const open = new Set<SocketDirectory>();

/**
 * Makes the directory. First removes those that dead runs left behind in the same place.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the place cannot be used, with what to do.
 */
export function openSocketDirectory(options: SocketDirectoryOptions): SocketDirectory {
  const path = makeInUsableBase(`${PREFIX}${options.name}`, options.base);
  const directory: SocketDirectory = {
    path,
    socketPath: join(path, SOCKET),
    grpcSocketPath: join(path, GRPC_SOCKET),
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

/** Makes the directory; why that failed, in words, when it did. */
function creationProblem(path: string, base: string): string | undefined {
  try {
    removeDead(base);
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // The base exists: it is one like /proc.
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    return `${base} ${isMissing ? "takes no directories" : describeFailure(thrown)}`;
  }
  try {
    // The umask may have taken bits away.
    chmodSync(path, 0o700);
    writeOwner(join(path, OWNER), currentOwner());
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
 * Makes the directory in the configured place, or in the first default that can be used. The user's runtime directory comes
 * last: it is removed when the user logs out, and a host may run on.
 */
function makeInUsableBase(name: string, configured: string | undefined): string {
  const runtimeDirectory = process.env["XDG_RUNTIME_DIR"];
  const defaults = [tmpdir(), "/tmp", ...(runtimeDirectory ? [runtimeDirectory] : [])];
  const problems: string[] = [];
  for (const base of configured === undefined ? new Set(defaults) : [resolve(configured)]) {
    const path = join(base, name);
    const problem = directoryProblem(base, name) ?? creationProblem(path, base);
    if (problem === undefined) return path;
    problems.push(problem);
  }
  throw unusable(problems.join("; "));
}

/** The directory itself is still to be made, so what must be usable is the one around it, and the whole path short. */
function directoryProblem(base: string, name: string): string | undefined {
  return socketPathProblem(join(base, SOCKET)) ?? pathLengthProblem(join(base, name, SOCKET));
}

function unusable(reason: string): SnakepitError {
  return new SnakepitError(
    "INVALID_CONFIG",
    `no place for the sockets of the workers: ${reason}; set socketDirectory to a directory with a short path that this user can write to`,
  );
}

/** Removes the directories of runs whose process is dead beyond doubt: only what a run puts there, never more. */
function removeDead(base: string): void {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(base, name);
    if (!isOwnDirectory(path) || !isOwnerDead(join(path, OWNER))) continue;
    try {
      for (const file of [SOCKET, GRPC_SOCKET, OWNER]) rmSync(join(path, file), { force: true });
      rmdirSync(path);
    } catch {
      // Another user's, or another host is removing it too: that does no harm.
    }
  }
}

/** Not a link to somewhere else, and not what another user put there for us to follow. */
function isOwnDirectory(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}
