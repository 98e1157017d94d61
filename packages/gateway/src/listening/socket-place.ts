import { lstatSync, rmSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { SnakepitError } from "@snakepit/core";
import { socketPathProblem } from "@snakepit/core/unix-sockets";

/**
 * Removes the socket of a dead host, so that another one can be created at the path.
 *
 * @throws SnakepitError `INVALID_CONFIG` when no socket can be created there, or when the path is in use.
 */
export async function makeRoomForSocket(path: string): Promise<void> {
  const problem = socketPathProblem(path);
  if (problem !== undefined) throw unusable(`cannot serve on ${path}: ${problem}; choose another path`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(`${path} is there already and is not a socket; choose another path`);
  switch (await connectFailure(path)) {
    case "ENOENT":
      return;
    case "ECONNREFUSED":
      removeDead(path, found);
      return;
    case "EACCES":
      throw unusable(`the socket ${path} belongs to another user; choose another path`);
    default:
      // Connected, or the other process is too busy to accept (EAGAIN), or it is a socket of another type (EPROTOTYPE).
      throw unusable(`a server listens on ${path} already; close it or choose another path`);
  }
}

/** Removes the socket of a dead host, unless another host has replaced it since. */
function removeDead(path: string, dead: Stats): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.dev !== dead.dev || found.ino !== dead.ino) return;
  try {
    rmSync(path, { force: true });
  } catch (thrown) {
    throw unusable(
      `the socket of another host at ${path} could not be removed; remove it or choose another path`,
      thrown,
    );
  }
}

/** Why a socket cannot be connected to; `undefined` when a process listens on it. */
function connectFailure(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function unusable(message: string, cause?: unknown): SnakepitError {
  return new SnakepitError("INVALID_CONFIG", message, { cause });
}
