import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The directory for what Snakepit keeps between runs: `$XDG_STATE_HOME/snakepit`, by default `~/.local/state/snakepit`
 * (XDG Base Directory Specification); on macOS `~/Library/Application Support/snakepit`.
 */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const xdg = env["XDG_STATE_HOME"];
  // The specification has relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "snakepit");
  // HOME may be set and empty; the user database knows better.
  const home = env["HOME"] || homedir() || userInfo().homedir;
  return platform === "darwin"
    ? join(home, "Library", "Application Support", "snakepit")
    : join(home, ".local", "state", "snakepit");
}
