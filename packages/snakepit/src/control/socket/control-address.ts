import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  isOwnDirectory,
  isOwnerDead,
  OWNER_FILE,
  readOwner,
  SOCKET_DIRECTORY_PREFIX,
  socketBases,
} from "@snakepit/core/unix-sockets";

/** The name of the control socket in its directory. */
export const CONTROL_SOCKET = "control.sock";

/** The control socket of a running host of this user. */
export interface ControlAddress {
  readonly runId: string;
  /** The process ID of the host. */
  readonly pid: number;
  readonly path: string;
}

const DIRECTORY = new RegExp(`^${SOCKET_DIRECTORY_PREFIX}([0-9a-z]+)-control(?:-\\d+)?$`);

/**
 * Finds the control sockets of the running hosts of this user: in the directories in which hosts create them by
 * default, and, on Linux, wherever a socket with their name is bound. Directories of other users are ignored, because
 * another user could wait for commands there.
 */
export function findControlSockets(): ControlAddress[] {
  const candidates = new Set([...inBases(), ...boundSockets()]);
  const found = new Map<string, ControlAddress>();
  for (const path of candidates) {
    const directory = dirname(path);
    const runId = DIRECTORY.exec(basename(directory))?.[1];
    if (runId === undefined || !isOwnDirectory(directory) || isOwnerDead(join(directory, OWNER_FILE))) continue;
    const pid = readOwner(join(directory, OWNER_FILE))?.pid;
    if (pid !== undefined) found.set(runId, { runId, pid, path });
  }
  return [...found.values()].sort((a, b) => a.runId.localeCompare(b.runId));
}

function inBases(): string[] {
  return socketBases().flatMap((base) =>
    namesIn(base)
      .filter((name) => DIRECTORY.test(name))
      .map((name) => join(base, name, CONTROL_SOCKET)),
  );
}

/** Returns the bound sockets with the name of a control socket (proc_net(5)), for hosts with a `socketDirectory`. */
function boundSockets(): string[] {
  let table: string;
  try {
    table = readFileSync("/proc/net/unix", "utf8");
  } catch {
    // Not Linux.
    return [];
  }
  return table.split("\n").flatMap((line) => {
    const start = line.indexOf(" /");
    const path = start === -1 ? "" : line.slice(start + 1);
    return basename(path) === CONTROL_SOCKET ? [path] : [];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // It is missing or belongs to another user.
    return [];
  }
}
