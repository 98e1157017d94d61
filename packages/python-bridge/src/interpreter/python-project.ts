import { readFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { executability } from "./executable-file.ts";
import { parentsOf, poetryEnvironments } from "./virtual-environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A Python project whose manager owns its environment: it removes packages that `pyproject.toml` does not list. */
export interface PythonProject {
  readonly manager: "uv" | "poetry";
  /** The directory of `pyproject.toml`; absolute. */
  readonly directory: string;
}

/** What marks a project of each manager: its lockfile, or its table in `pyproject.toml`. */
const MARKS = {
  uv: { lockfile: "uv.lock", table: /^\[+tool\.uv[.\]]/m },
  poetry: { lockfile: "poetry.lock", table: /^\[+tool\.poetry[.\]]/m },
} as const;

/** Finds the project of uv or poetry that a directory lies in, the nearest one. */
export async function findPythonProject(start: string): Promise<PythonProject | undefined> {
  for (const directory of parentsOf(start)) {
    const manifest = await readFile(join(directory, "pyproject.toml"), "utf8").catch(() => undefined);
    if (manifest === undefined) continue;
    for (const manager of ["uv", "poetry"] as const) {
      const { lockfile, table } = MARKS[manager];
      if (table.test(manifest) || (await executability(join(directory, lockfile))) !== "missing") {
        return { manager, directory };
      }
    }
  }
  return undefined;
}

/** The project whose manager owns the environment of an interpreter; `undefined` for every other interpreter. */
export async function projectOfInterpreter(
  interpreter: string,
  cwd: string,
  env: Environment,
): Promise<PythonProject | undefined> {
  // An environment lies in its project, or, with poetry, elsewhere.
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
