import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { currentOwner, isOwnerDead, writeOwner } from "./directory-owner.ts";
import { describeFailure, objectionToLength, objectionToSocket } from "./socket-path.ts";

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
  make(path, base);
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

function make(path: string, base: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // The place around it is there: it is one like /proc.
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    throw unusable(`${base} ${isMissing ? "takes no directories" : describeFailure(thrown)}`, thrown);
  }
  try {
    // The umask may have taken bits away.
    chmodSync(path, 0o700);
    writeOwner(join(path, OWNER), currentOwner());
  } catch (thrown) {
    rmSync(path, { recursive: true, force: true });
    throw unusable(`${base} ${describeFailure(thrown)}`, thrown);
  }
}

function removeAll(): void {
  for (const directory of open) directory.remove();
}

/** The place to use: the configured one, or the first default that can be. */
function usableBase(name: string, configured: string | undefined): string {
  const runtimeDirectory = process.env["XDG_RUNTIME_DIR"];
  const defaults = [...(runtimeDirectory ? [runtimeDirectory] : []), tmpdir(), "/tmp"];
  const objections: string[] = [];
  for (const base of configured === undefined ? defaults : [resolve(configured)]) {
    const objection = objectionToDirectory(base, name);
    if (objection === undefined) return base;
    objections.push(objection);
  }
  throw unusable(objections.join("; "));
}

/** The directory itself is still to be made, so what must be usable is the one around it, and the whole path short. */
function objectionToDirectory(base: string, name: string): string | undefined {
  return objectionToSocket(join(base, SOCKET)) ?? objectionToLength(join(base, name, SOCKET));
}

function unusable(reason: string, cause?: unknown): SnakepitError {
  return new SnakepitError(
    "INVALID_CONFIG",
    `no place for the sockets of the workers: ${reason}; set socketDirectory to a directory with a short path that this user can write to`,
    { cause },
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
      // Somebody else's, or another host is removing it too: it harms nobody.
    }
  }
}

/** Not a link to somewhere else, and not what another user put there for us to follow. */
function isOwnDirectory(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}
