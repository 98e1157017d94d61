import { resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { executability, findOnPath } from "./executable-file.ts";
import type { Interpreter } from "./interpreter.ts";
import { interpreterOf, neighbouringEnvironments } from "./virtual-environment.ts";

/** Where to look for an interpreter. */
export interface InterpreterSearch {
  /** What the user named: an executable, a command on `PATH`, or the directory of an environment. */
  readonly python?: string;
  /** Directory of the file that the workers run, where it is one. */
  readonly targetDirectory?: string;
  /** Directory of the workers. */
  readonly cwd: string;
  /** Directory of the host, where it is another one. */
  readonly hostDirectory?: string;
  /** Environment of the workers. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Chooses the interpreter: the option, `SNAKEPIT_PYTHON`, the active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`), an
 * environment beside the target or the working directories or above them, `python3`, `python`. Whether it is good for
 * anything shows when it is started.
 *
 * @throws SnakepitError `INVALID_CONFIG` when what was named is not there; `WORKER_START_FAILED` when there is none.
 */
export async function findInterpreter(search: InterpreterSearch): Promise<Interpreter> {
  const { env } = search;
  if (search.python !== undefined) return named(search.python, "the option python", search);
  const variable = env["SNAKEPIT_PYTHON"];
  if (variable) return named(variable, "SNAKEPIT_PYTHON", search);

  const looked: string[] = ["the option python (not given)", "SNAKEPIT_PYTHON (not set)"];
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const directory = env[name];
    const path = directory ? await interpreterOf(directory) : undefined;
    if (path !== undefined) return { path, chosenBy: `${name}=${directory}`, isChoice: false };
    looked.push(directory ? `${name}=${directory} (no bin/python3 there)` : `${name} (not set)`);
  }
  for (const start of new Set([search.targetDirectory, search.cwd, search.hostDirectory])) {
    if (start === undefined) continue;
    for (const directory of await neighbouringEnvironments(start, env)) {
      const path = await interpreterOf(directory);
      if (path !== undefined) return { path, chosenBy: `the virtual environment ${directory}`, isChoice: false };
    }
    looked.push(`.venv, venv, .conda and poetry's environment in ${start} and above`);
  }
  for (const command of ["python3", "python"]) {
    const path = await findOnPath(command, env["PATH"] ?? "");
    if (path !== undefined) return { path, chosenBy: `${command} on PATH`, isChoice: false };
    looked.push(`${command} on PATH`);
  }
  throw new SnakepitError(
    "WORKER_START_FAILED",
    `no Python interpreter was found. Install Python 3.10 or newer, or name one with the option python or SNAKEPIT_PYTHON. Looked at: ${looked.join("; ")}`,
    { startFailure: "permanent", details: { looked } },
  );
}

async function named(python: string, chosenBy: string, search: InterpreterSearch): Promise<Interpreter> {
  const isCommand = !python.includes("/");
  const path = isCommand ? await findOnPath(python, search.env["PATH"] ?? "") : resolve(search.cwd, python);
  if (path === undefined) {
    // A directory such as ".venv" has no slash either.
    const inDirectory = await interpreterOf(resolve(search.cwd, python));
    if (inDirectory !== undefined) return { path: inDirectory, chosenBy, isChoice: true };
    throw invalid(`${chosenBy} names "${python}", which is not a command on PATH`, python, chosenBy);
  }
  switch (await executability(path)) {
    case "executable":
      return { path, chosenBy, isChoice: true };
    case "directory": {
      const inside = await interpreterOf(path);
      if (inside !== undefined) return { path: inside, chosenBy, isChoice: true };
      throw invalid(`${chosenBy} names the directory ${path}, which has no bin/python3`, python, chosenBy);
    }
    case "missing":
      throw invalid(`${chosenBy} names ${path}, which does not exist`, python, chosenBy);
    case "not-executable":
      throw invalid(`${chosenBy} names ${path}, which is not executable`, python, chosenBy);
  }
}

function invalid(problem: string, python: string, chosenBy: string): SnakepitError {
  return new SnakepitError(
    "INVALID_CONFIG",
    `${problem}. Name a Python 3.10 or newer, or take the setting away to have one found`,
    { startFailure: "permanent", details: { python, chosenBy } },
  );
}
