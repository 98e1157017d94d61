import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { currentOwner, isOwnerDead, writeOwner } from "./directory-owner.ts";

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
  /** Stands in the directory's name. */
  readonly runId: string;
  /** The directory in which it is made; by default `$XDG_RUNTIME_DIR` or the system's temporary directory. */
  readonly base?: string | undefined;
}

const PREFIX = "snakepit-";
const SOCKET = "worker.sock";
const GRPC_SOCKET = "grpc.sock";
const OWNER = "owner.json";

/** Bytes of a socket's path, from the size of `sun_path` (unix(7); 104 on macOS and the BSDs) less the final zero. */
const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** The directories of this process; one listener for them all, however many hosts it runs. */
const open = new Set<SocketDirectory>();

/**
 * Makes the directory. First removes those that dead runs left behind in the same place.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the place cannot be used, with what to do.
 */
export function openSocketDirectory(options: SocketDirectoryOptions): SocketDirectory {
  const name = `${PREFIX}${options.runId}`;
  const base = usableBase(name, options.base);
  removeDead(base);
  const path = join(base, name);
  try {
    mkdirSync(path, { mode: 0o700 });
    // The umask may have taken bits away.
    chmodSync(path, 0o700);
    writeOwner(join(path, OWNER), currentOwner());
  } catch (thrown) {
    throw unusable(base, reasonOf(thrown), thrown);
  }
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

function removeAll(): void {
  for (const directory of open) directory.remove();
}

/** The place to use: the configured one, or the first default that can be. */
function usableBase(name: string, configured: string | undefined): string {
  if (configured !== undefined) {
    const base = resolve(configured);
    const objection = objectionTo(base, name);
    if (objection !== undefined) throw objection;
    return base;
  }
  const runtimeDirectory = process.env["XDG_RUNTIME_DIR"];
  const candidates = [...(runtimeDirectory ? [runtimeDirectory] : []), tmpdir(), "/tmp"];
  const objections: SnakepitError[] = [];
  for (const base of candidates) {
    const objection = objectionTo(base, name);
    if (objection === undefined) return base;
    objections.push(objection);
  }
  const all = objections.map(({ message }) => message).join("; ");
  throw new SnakepitError("INVALID_CONFIG", `no directory for the sockets of the workers: ${all}`);
}

function objectionTo(base: string, name: string): SnakepitError | undefined {
  try {
    if (!statSync(base).isDirectory()) return unusable(base, "it is not a directory");
    accessSync(base, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    return unusable(base, reasonOf(thrown), thrown);
  }
  const path = join(base, name, SOCKET);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return new SnakepitError(
    "INVALID_CONFIG",
    `the path of a socket would have ${bytes} bytes and this system allows ${MAX_SOCKET_PATH_BYTES}: ${path}; set socketDirectory to a directory with a shorter path`,
    { details: { path, bytes, limit: MAX_SOCKET_PATH_BYTES } },
  );
}

function unusable(base: string, reason: string, cause?: unknown): SnakepitError {
  return new SnakepitError(
    "INVALID_CONFIG",
    `${base} cannot hold the sockets of the workers: ${reason}; set socketDirectory to a directory that this user can write to`,
    { details: { directory: base }, cause },
  );
}

function reasonOf(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return `it cannot be written to (${code})`;
    case "EROFS":
      return "it is on a file system that is read-only";
    case "ENOSPC":
      return "its file system is full";
    case "EEXIST":
      return "it holds the directory of a run with the same id";
    default:
      return message;
  }
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
      // Somebody else's, or another host is removing it too: it harms nobody.
    }
  }
}

/** Not a link to somewhere else, and not what another user put there for us to follow. */
function isOwnDirectory(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}
