import { lstat, rm } from "node:fs/promises";
import { connect } from "node:net";
import { SnakepitError } from "@snakepit/core";
import { objectionToSocket } from "../endpoint/socket-path.ts";

/**
 * Makes room for a socket: that of a host that is gone is removed.
 *
 * @throws SnakepitError `INVALID_CONFIG` when no socket can be there, or something else is.
 */
export async function makeRoomForSocket(path: string): Promise<void> {
  const objection = objectionToSocket(path);
  if (objection !== undefined) {
    throw new SnakepitError("INVALID_CONFIG", `cannot serve on ${path}: ${objection}; choose another path`);
  }
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new SnakepitError("INVALID_CONFIG", `${path} is there already and is not a socket; choose another path`);
  }
  if (await isListening(path)) {
    throw new SnakepitError("INVALID_CONFIG", `another process serves on ${path}; close it or choose another path`);
  }
  await rm(path, { force: true });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
