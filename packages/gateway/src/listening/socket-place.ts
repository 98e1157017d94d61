import { lstatSync, rmSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { SnakepitError } from "@snakepit/core";
import { socketPathProblem } from "@snakepit/core/unix-sockets";

/**
 * Removes the socket of a dead host, so that a new socket can be created at the path.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the path is invalid or in use.
 */
export async function removeDeadSocket(path: string): Promise<void> {
  const problem = socketPathProblem(path);
  if (problem !== undefined) throw unusable(`cannot serve on ${path}: ${problem}; choose another path`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw unusable(`cannot serve on ${path}: the file exists and is not a socket; choose another path`);
  switch (await connectFailure(path)) {
    case "ENOENT":
      return;
    case "ECONNREFUSED":
      removeDead(path, found);
      return;
    case "EACCES":
      throw unusable(`cannot serve on ${path}: the socket belongs to another user; choose another path`);
    default:
      // Connected, the other process is too busy to accept (EAGAIN), or the socket has another type (EPROTOTYPE).
      throw unusable(`cannot serve on ${path}: another server listens on it; close that server or choose another path`);
  }
}

/** Removes the socket of a dead host, unless another host has replaced it since. */
function removeDead(path: string, dead: Stats): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.dev !== dead.dev || found.ino !== dead.ino) return;
  try {
    rmSync(path, { force: true });
  } catch (thrown) {
    throw unusable(`removing the socket of a dead host at ${path} failed; remove it or choose another path`, thrown);
  }
}

/** Resolves with the error code of connecting to a socket; `undefined` when a process listens on it. */
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
