import { createHash } from "node:crypto";
import { readdir, readlink, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { executability } from "./executable-file.ts";
import type { BrokenEnvironment } from "./interpreter.ts";

/** Common names of a project's virtual environment; uv and poetry (in-project) use the first. */
const DIRECTORY_NAMES = [".venv", "venv", ".conda"] as const;

/** Resolves with the path of an environment's interpreter; `undefined` if the directory is not an environment. */
export async function interpreterOf(environment: string): Promise<string | undefined> {
  for (const name of ["python3", "python"]) {
    const path = join(environment, "bin", name);
    if ((await executability(path)) === "executable") return path;
  }
  return undefined;
}

/**
 * Resolves with what is wrong with an environment whose interpreter is a link to a file that does not exist, or that
 * this user cannot execute; `undefined` for other directories.
 */
export async function brokenEnvironment(directory: string): Promise<BrokenEnvironment | undefined> {
  if ((await interpreterOf(directory)) !== undefined) return undefined;
  for (const name of ["python3", "python"]) {
    const link = join(directory, "bin", name);
    const target = await finalTarget(link);
    if (target === undefined) continue;
    const isMissing = (await executability(target)) === "missing";
    return {
      directory,
      problem: `${link} leads to ${target}, which ${isMissing ? "does not exist" : "this user cannot execute"}`,
      // Others may use an environment that this user cannot use.
      remedy: isMissing
        ? `remove ${directory}, then create it again: npx snakepit setup`
        : `give this user access to ${target}, or name another environment: npx snakepit setup --venv DIR`,
    };
  }
  return undefined;
}

/** The links that Linux follows at most. */
const MAX_LINKS = 40;

/** Resolves with the path to which a link leads, also if it does not exist; `undefined` if the path is not a link. */
async function finalTarget(link: string): Promise<string | undefined> {
  let path = link;
  for (let followed = 0; followed < MAX_LINKS; followed++) {
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) return followed === 0 ? undefined : path;
    path = resolve(dirname(path), target);
  }
  return path;
}

/** Resolves with directories that may be the environment of the project that contains `start`, nearest first. */
export async function environmentsNear(
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
 * Resolves with the environments that poetry created outside of a project. Their names contain a hash of the project's
 * path (https://python-poetry.org/docs/managing-environments/), so poetry does not have to be executed, which takes a
 * second.
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
    // Poetry has created no environments.
    return [];
  }
  const digest = createHash("sha256")
    .update(await realpath(project))
    .digest("base64url")
    .slice(0, 8);
  const marked = names.filter((name) => name.includes(`-${digest}-py`));
  // The newest Python first: names end in its version, for example `-py3.13`.
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

/** Returns the home directory; `undefined` for an arbitrary user ID without an entry, as is common in containers. */
function homeInUserDatabase(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Returns a directory and its parents, nearest first. */
export function parentsOf(start: string): string[] {
  const directories: string[] = [];
  for (let directory = resolve(start); ; directory = dirname(directory)) {
    directories.push(directory);
    if (directory === dirname(directory)) return directories;
  }
}
