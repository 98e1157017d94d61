import { chmodSync, linkSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { describeFailure, pathLengthProblem } from "@snakepit/core/unix-sockets";
import { openPrivateDirectory, type PrivateDirectory } from "./private-directory.ts";

/** A socket at its public path. */
export interface PublishedSocket {
  /** Removes the socket, unless another one has replaced it; may be called again. */
  remove(): void;
}

/**
 * Binds a socket that no other user can connect to at any time, independent of the umask. Between bind(2) and chmod(2) the umask
 * alone decides who may connect, and a process has one umask for all its threads. So the socket is bound in a directory of
 * mode 0700 next to `path`, and gets its public name when its mode is 0600.
 *
 * @param bind listens on the path that it is called with, and resolves when it does.
 * @throws SnakepitError `INVALID_CONFIG` when the directory cannot be used or `path` exists, and whatever `bind` throws.
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

/** Binds `socket`; when its path is too long, through a link in the temporary directory. */
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
    `${pathLengthProblem(socket)}, and no shorter path could be made: ${failures.join("; ")}; choose a shorter path, or set TMPDIR to a directory that this user can write to`,
  );
}

function open(parent: string, path: string): PrivateDirectory {
  try {
    return openPrivateDirectory(parent);
  } catch (thrown) {
    throw cannotServe(path, `${parent} ${describeFailure(thrown)}`, thrown);
  }
}

/** Unlike rename(2), link(2) never replaces a file that another process has created meanwhile. */
function link(socket: string, path: string): void {
  try {
    linkSync(socket, path);
  } catch (thrown) {
    const isTaken = (thrown as NodeJS.ErrnoException).code === "EEXIST";
    const reason = isTaken ? "another process has just made it" : `${dirname(path)} ${describeFailure(thrown)}`;
    throw cannotServe(path, reason, thrown);
  }
}

function cannotServe(path: string, reason: string, cause: unknown): SnakepitError {
  return new SnakepitError("INVALID_CONFIG", `cannot serve on ${path}: ${reason}; choose another path`, { cause });
}
