import { createHash } from "node:crypto";
import { readdir, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { executability } from "./executable-file.ts";

/** Names under which projects keep an environment of their own; uv and poetry (in-project) use the first. */
const DIRECTORY_NAMES = [".venv", "venv", ".conda"] as const;

/** The interpreter of an environment, `undefined` when the directory is none. */
export async function interpreterOf(environment: string): Promise<string | undefined> {
  for (const name of ["python3", "python"]) {
    const path = join(environment, "bin", name);
    if ((await executability(path)) === "executable") return path;
  }
  return undefined;
}

/** Directories that may be the environment of the project that `start` lies in, nearest first. */
export async function neighbouringEnvironments(
  start: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const found: string[] = [];
  for (const directory of parentsOf(start)) {
    const uv = env["UV_PROJECT_ENVIRONMENT"];
    if (uv) found.push(resolve(directory, uv));
    for (const name of DIRECTORY_NAMES) found.push(join(directory, name));
    if ((await executability(join(directory, "pyproject.toml"))) !== "missing") {
      found.push(...(await poetryEnvironments(directory, env)));
    }
  }
  return found;
}

/**
 * Environments that poetry made for a project outside of it: their names hold a hash of the project's path
 * (https://python-poetry.org/docs/managing-environments/), so poetry itself need not be asked, which takes a second.
 */
export async function poetryEnvironments(
  project: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const directory = poetryDirectory(env);
  if (directory === undefined) return [];
  let names: string[];
  try {
    names = await readdir(directory);
  } catch {
    // Nobody uses poetry here.
    return [];
  }
  const digest = createHash("sha256")
    .update(await realpath(project))
    .digest("base64url")
    .slice(0, 8);
  const marked = names.filter((name) => name.includes(`-${digest}-py`));
  // The newest Python first; names end in its version, `-py3.13`.
  marked.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return marked.map((name) => join(directory, name));
}

function poetryDirectory(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const explicit = env["POETRY_VIRTUALENVS_PATH"];
  if (explicit) return explicit;
  const cache = env["POETRY_CACHE_DIR"];
  if (cache) return join(cache, "virtualenvs");
  const home = env["HOME"] ?? homeInUserDatabase();
  if (home === undefined) return undefined;
  if (process.platform === "darwin") return join(home, "Library", "Caches", "pypoetry", "virtualenvs");
  return join(env["XDG_CACHE_HOME"] ?? join(home, ".cache"), "pypoetry", "virtualenvs");
}

/** The home directory of a user that has an entry; a container may run under an arbitrary user id. */
function homeInUserDatabase(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** A directory and those above it. */
export function parentsOf(start: string): string[] {
  const directories: string[] = [];
  for (let directory = resolve(start); ; directory = dirname(directory)) {
    directories.push(directory);
    if (directory === dirname(directory)) return directories;
  }
}
