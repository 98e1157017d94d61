import { resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { executability, findOnPath } from "./executable-file.ts";
import type { Interpreter } from "./interpreter.ts";
import { environmentsNear, interpreterOf } from "./virtual-environment.ts";

/** Where to search for an interpreter. */
export interface InterpreterSearch {
  /** The option `python`: an executable, a command on `PATH`, or the directory of a virtual environment. */
  readonly python?: string;
  /** Directory of the target's file; absent if the target is a module. */
  readonly targetDirectory?: string;
  /** Working directory of the workers. */
  readonly cwd: string;
  /** Working directory of the host, if it is a different one. */
  readonly hostDirectory?: string;
  /** Environment variables of the workers. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Resolves with the first interpreter found of: the option, `SNAKEPIT_PYTHON`, the active environment (`VIRTUAL_ENV`,
 * `CONDA_PREFIX`), an environment in the directory of the target, a working directory or one of their parents,
 * `python3`, `python`. The interpreter is not executed.
 *
 * @throws SnakepitError `INVALID_CONFIG` if the configured interpreter cannot be executed; `WORKER_START_FAILED` if no
 *   interpreter was found.
 */
export async function findInterpreter(search: InterpreterSearch): Promise<Interpreter> {
  const { env } = search;
  if (search.python !== undefined) return configured(search.python, "the option python", search);
  const variable = env["SNAKEPIT_PYTHON"];
  if (variable) return configured(variable, "SNAKEPIT_PYTHON", search);

  const looked: string[] = ["the option python (not set)", "SNAKEPIT_PYTHON (not set)"];
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const directory = env[name];
    const path = directory ? await interpreterOf(directory) : undefined;
    if (path !== undefined) return { path, chosenBy: `${name}=${directory}`, isChoice: false };
    looked.push(directory ? `${name}=${directory} (has no bin/python3)` : `${name} (not set)`);
  }
  for (const start of new Set([search.targetDirectory, search.cwd, search.hostDirectory])) {
    if (start === undefined) continue;
    for (const directory of await environmentsNear(start, env)) {
      const path = await interpreterOf(directory);
      if (path !== undefined) return { path, chosenBy: `the virtual environment ${directory}`, isChoice: false };
    }
    looked.push(`.venv, venv, .conda and poetry's environment in ${start} and its parent directories`);
  }
  for (const command of ["python3", "python"]) {
    const path = await findOnPath(command, env["PATH"] ?? "");
    if (path !== undefined) return { path, chosenBy: `${command} on PATH`, isChoice: false };
    looked.push(`${command} on PATH`);
  }
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `no Python interpreter was found; install Python 3.10 or newer, or set the option python or SNAKEPIT_PYTHON; searched: ${looked.join("; ")}`,
    { startFailure: "permanent", details: { looked } },
  );
}

async function configured(python: string, chosenBy: string, search: InterpreterSearch): Promise<Interpreter> {
  const isCommand = !python.includes("/");
  const path = isCommand ? await findOnPath(python, search.env["PATH"] ?? "") : resolve(search.cwd, python);
  if (path === undefined) {
    // The name of a directory such as ".venv" has no slash either.
    const inDirectory = await interpreterOf(resolve(search.cwd, python));
    if (inDirectory !== undefined) return { path: inDirectory, chosenBy, isChoice: true };
    const place = `neither a command on PATH nor an environment in ${search.cwd}`;
    throw invalid(`"${python}", which is ${place}`, python, chosenBy);
  }
  switch (await executability(path)) {
    case "executable":
      return { path, chosenBy, isChoice: true };
    case "directory": {
      const inside = await interpreterOf(path);
      if (inside !== undefined) return { path: inside, chosenBy, isChoice: true };
      throw invalid(`the directory ${path}, which has no bin/python3`, python, chosenBy);
    }
    case "missing":
      throw invalid(`${path}, which does not exist`, python, chosenBy);
    case "not-executable":
      throw invalid(`${path}, which is not executable`, python, chosenBy);
  }
}

/** A setting that names the environment of a project may be right before `setup` has created it. */
const ENVIRONMENT_NAME = /(?:^|\/)\.?v?env\/?$/;

function invalid(got: string, python: string, chosenBy: string): SnakepitError {
  const create = ENVIRONMENT_NAME.test(python) ? `create it with npx snakepit setup --venv ${python}, ` : "";
  return new SnakepitError(
    "INVALID_CONFIG",
    `${chosenBy} must be Python 3.10 or newer; got ${got}; ${create}correct the setting, or remove it to search for an interpreter`,
    { startFailure: "permanent", details: { python, chosenBy } },
  );
}
