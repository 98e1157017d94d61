import { chmodSync, linkSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { describeFailure, pathLengthProblem } from "@snakepit/core/unix-sockets";
import { openPrivateDirectory, type PrivateDirectory } from "./private-directory.ts";

/** A socket at its public path. */
export interface PublishedSocket {
  /** Removes the socket, unless another one has replaced it. May be called more than once. */
  remove(): void;
}

/**
 * Binds a socket to which no other user can connect at any time, regardless of the umask. Between bind(2) and chmod(2)
 * only the umask protects a socket, and a process has one umask for all its threads. Therefore the socket is bound in a
 * directory of mode 0700 next to `path`, and is linked to `path` after its mode is set to 0600.
 *
 * @param bind listens on a path, and resolves when it is listening.
 * @throws SnakepitError `INVALID_CONFIG` when the directory cannot be used or `path` exists; also everything that
 *   `bind` throws.
 */
export async function publishSocket(path: string, bind: (path: string) => Promise<void>): Promise<PublishedSocket> {
  const directory = open(dirname(path), path);
  try {
    await bindShort(directory.socket, bind);
    chmodSync(directory.socket, 0o600);
    const { dev, ino } = lstatSync(directory.socket);
    link(directory.socket, path);
    return {
      remove() {
        const found = lstatSync(path, { throwIfNoEntry: false });
        if (found?.dev === dev && found.ino === ino) rmSync(path, { force: true });
      },
    };
  } finally {
    directory.remove();
  }
}

/** Binds `socket`, through a symbolic link in the temporary directory when its path is too long. */
async function bindShort(socket: string, bind: (path: string) => Promise<void>): Promise<void> {
  if (pathLengthProblem(socket) === undefined) return await bind(socket);
  const shortcut = openShortcut(socket);
  try {
    symlinkSync(resolve(dirname(socket)), shortcut.link);
    await bind(join(shortcut.link, basename(socket)));
  } finally {
    shortcut.remove();
  }
}

function openShortcut(socket: string): PrivateDirectory {
  const failures: string[] = [];
  for (const parent of new Set([tmpdir(), "/tmp"])) {
    try {
      const directory = openPrivateDirectory(parent);
      const problem = pathLengthProblem(join(directory.link, basename(socket)));
      if (problem === undefined) return directory;
      directory.remove();
      failures.push(problem);
    } catch (thrown) {
      failures.push(`${parent} ${describeFailure(thrown)}`);
    }
  }
  throw new SnakepitError(
    "INVALID_CONFIG",
    `${pathLengthProblem(socket)}; creating a shorter path failed: ${failures.join("; ")}; choose a shorter path, or set TMPDIR to a directory with a short path`,
  );
}

function open(parent: string, path: string): PrivateDirectory {
  try {
    return openPrivateDirectory(parent);
  } catch (thrown) {
    throw cannotServe(path, `${parent} ${describeFailure(thrown)}`, thrown);
  }
}

/**
 * Links the socket to its public path. Unlike rename(2), link(2) never replaces a file that another process has
 * created.
 */
function link(socket: string, path: string): void {
  try {
    linkSync(socket, path);
  } catch (thrown) {
    const isTaken = (thrown as NodeJS.ErrnoException).code === "EEXIST";
    const reason = isTaken ? "another process has created a file there" : `${dirname(path)} ${describeFailure(thrown)}`;
    throw cannotServe(path, reason, thrown);
  }
}

function cannotServe(path: string, reason: string, cause: unknown): SnakepitError {
  return new SnakepitError("INVALID_CONFIG", `cannot serve on ${path}: ${reason}; choose another path`, { cause });
}
