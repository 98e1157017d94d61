import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { currentOwner, isOwnerDead, writeOwner } from "@snakepit/core/unix-sockets";

/** A directory of mode 0700 that exists while a socket is bound. */
export interface PrivateDirectory {
  /** Path for the socket. */
  readonly socket: string;
  /** Path for a symbolic link to another directory. */
  readonly link: string;
  remove(): void;
}

const PREFIX = ".snakepit-";
const SOCKET = "s";
const LINK = "d";
const OWNER = "owner.json";

/**
 * The age at which a directory without an owner file is removed. Before, its process may be about to write the file.
 */
const UNOWNED_AGE_MS = 60_000;

/** Creates the directory in `parent`, after removing the directories of killed processes. */
export function openPrivateDirectory(parent: string): PrivateDirectory {
  removeDead(parent);
  const path = mkdtempSync(join(parent, PREFIX));
  const remove = () => rmSync(path, { recursive: true, force: true });
  try {
    // The umask may have cleared bits of the mode.
    chmodSync(path, 0o700);
    writeOwner(join(path, OWNER), currentOwner());
  } catch (thrown) {
    remove();
    throw thrown;
  }
  return { socket: join(path, SOCKET), link: join(path, LINK), remove };
}

/**
 * Removes the directories of dead processes. The parent may contain any files of any user, so files are removed by
 * name.
 */
function removeDead(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(parent, name);
    try {
      if (!isAbandoned(path)) continue;
      for (const file of [SOCKET, LINK, OWNER]) rmSync(join(path, file), { force: true });
      rmdirSync(path);
    } catch {
      // The directory belongs to another user, or another process is removing it.
    }
  }
}

function isAbandoned(path: string): boolean {
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
  if (isOwnerDead(join(path, OWNER))) return true;
  return readdirSync(path).length === 0 && Date.now() - stat.mtimeMs > UNOWNED_AGE_MS;
}
