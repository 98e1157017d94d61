import { mkdirSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/**
 * The directory for what Snakepit keeps between runs: `$XDG_STATE_HOME/snakepit`, by default `~/.local/state/snakepit`
 * (XDG Base Directory Specification); on macOS `~/Library/Application Support/snakepit`. `undefined` for a user without a
 * home directory, as in a container that runs under an arbitrary user id.
 */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string | undefined {
  const xdg = env["XDG_STATE_HOME"];
  // The specification has relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "snakepit");
  const home = env["HOME"] || homeInUserDatabase();
  if (home === undefined) return undefined;
  return platform === "darwin"
    ? join(home, "Library", "Application Support", "snakepit")
    : join(home, ".local", "state", "snakepit");
}

function homeInUserDatabase(): string | undefined {
  try {
    // Reads HOME, which may be set and empty, before the user database.
    return homedir() || userInfo().homedir || undefined;
  } catch {
    // The user id has no entry.
    return undefined;
  }
}

/**
 * Creates a directory and its missing parents for this user alone. Not with `recursive` of Node.js, which never
 * returns where a directory cannot be created although its parent exists, as in /proc.
 *
 * @throws what the file system says.
 */
export function makePrivateDirectory(path: string): void {
  if (isDirectory(path)) return;
  makePrivateDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another host may have been first.
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

// The slash makes the file system complain when it is something else.
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
