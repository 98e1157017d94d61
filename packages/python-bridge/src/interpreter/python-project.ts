import { readFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { executability } from "./executable-file.ts";
import { parentsOf, poetryEnvironments } from "./virtual-environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A Python project whose manager owns its environment and removes packages that `pyproject.toml` does not list. */
export interface PythonProject {
  readonly manager: "uv" | "poetry";
  /** Absolute path of the directory with `pyproject.toml`. */
  readonly directory: string;
}

/** What identifies a project of each manager: its lockfile, or its table or build backend in `pyproject.toml`. */
const MARKS = {
  uv: { lockfile: "uv.lock", manifest: /^\[+tool\.uv[.\]]|^build-backend = "uv_build"/m },
  poetry: { lockfile: "poetry.lock", manifest: /^\[+tool\.poetry[.\]]|^build-backend = "poetry\.core/m },
} as const;

/**
 * Resolves with the nearest uv or poetry project that contains a directory.
 *
 * @param otherwise the manager to assume for the nearest project that is marked by neither; by default such a project
 *   is ignored.
 */
export async function findPythonProject(
  start: string,
  otherwise?: PythonProject["manager"],
): Promise<PythonProject | undefined> {
  let unmarked: string | undefined;
  for (const directory of parentsOf(start)) {
    const manifest = await readFile(join(directory, "pyproject.toml"), "utf8").catch(() => undefined);
    if (manifest === undefined) continue;
    for (const manager of ["uv", "poetry"] as const) {
      const { lockfile, manifest: mark } = MARKS[manager];
      if (mark.test(manifest) || (await executability(join(directory, lockfile))) !== "missing") {
        return { manager, directory };
      }
    }
    if (/^\[project\]/m.test(manifest)) unmarked ??= directory;
  }
  return otherwise === undefined || unmarked === undefined ? undefined : { manager: otherwise, directory: unmarked };
}

/** Resolves with the project whose manager owns an interpreter's environment; `undefined` if no manager owns it. */
export async function projectOfInterpreter(
  interpreter: string,
  cwd: string,
  env: Environment,
): Promise<PythonProject | undefined> {
  // An environment is inside its project or, with poetry, possibly elsewhere.
  for (const start of [resolve(dirname(interpreter), "../.."), cwd]) {
    const project = await findPythonProject(start);
    if (project === undefined) continue;
    const environments = await environmentsOf(project, env);
    if (environments.some((environment) => interpreter.startsWith(environment + sep))) return project;
  }
  return undefined;
}

async function environmentsOf({ manager, directory }: PythonProject, env: Environment): Promise<readonly string[]> {
  const inside = join(directory, ".venv");
  switch (manager) {
    case "uv":
      return [resolve(directory, env["UV_PROJECT_ENVIRONMENT"] || inside)];
    case "poetry":
      return [inside, ...(await poetryEnvironments(directory, env))];
  }
}
