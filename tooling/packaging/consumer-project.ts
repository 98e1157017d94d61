import { execFile } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

/** Installs the dependencies of a project with npm. */
export async function npmInstall(folder: string): Promise<void> {
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  await run("npm", ["install", ...options], { cwd: folder });
}

/**
 * Returns the environment variables of a user's machine, without the Python environment of the workspace: setup would
 * install the packed wheel over the sources that all other tests use.
 *
 * @param state the directory for the registry of processes.
 */
export function userEnvironment(state: string): NodeJS.ProcessEnv {
  const { VIRTUAL_ENV: _environment, SNAKEPIT_PYTHON: _python, ...env } = process.env;
  const entries = (env["PATH"] ?? "").split(delimiter);
  const path = entries.filter((entry) => !entry.startsWith(join(root, ".venv"))).join(delimiter);
  return { ...env, PATH: path, XDG_STATE_HOME: state };
}
