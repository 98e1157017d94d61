import { mkdirSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/**
 * Returns the directory for data that Snakepit keeps between runs: `$XDG_STATE_HOME/snakepit`, by default
 * `~/.local/state/snakepit` (XDG Base Directory Specification); on macOS `~/Library/Application Support/snakepit`.
 * `undefined` for a user without a home directory, as in a container with an arbitrary user ID.
 */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string | undefined {
  const xdg = env["XDG_STATE_HOME"];
  // According to the specification, relative paths are ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "snakepit");
  const home = env["HOME"] || homeInUserDatabase();
  if (home === undefined) return undefined;
  return platform === "darwin"
    ? join(home, "Library", "Application Support", "snakepit")
    : join(home, ".local", "state", "snakepit");
}

function homeInUserDatabase(): string | undefined {
  try {
    // homedir() reads HOME, which may be set and empty, before the user database.
    return homedir() || userInfo().homedir || undefined;
  } catch {
    // The user ID has no entry.
    return undefined;
  }
}

/**
 * Creates a directory and its missing parents, accessible to this user only. The `recursive` option of Node.js is not
 * used: it never returns when a directory cannot be created although its parent exists, as in /proc.
 *
 * @throws the error of the file system.
 */
export function createPrivateDirectory(path: string): void {
  if (isDirectory(path)) return;
  createPrivateDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another host may have created it first.
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

// The trailing slash makes stat fail for anything but a directory.
function isDirectory(path: string): boolean {
  try {
    statSync(`${path}/`);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    return false;
  }
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException).code;
}
