import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

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
