import { relative, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { type BrokenEnvironment, brokenEnvironment, findInterpreter, interpreterOf } from "@snakepit/python-bridge";
import { type PythonFacts, pythonFacts } from "./python-facts.ts";

/** The environment in which packages are installed. */
export type EnvironmentChoice =
  /** An existing environment. */
  | { readonly is: "existing"; readonly interpreter: string; readonly facts: PythonFacts }
  /** A new environment, to be created with the interpreter `base`. */
  | { readonly is: "new"; readonly directory: string; readonly base: string; readonly facts: PythonFacts };

export interface ChoiceOptions {
  readonly python: string | undefined;
  readonly venv: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The default directory of a project's environment. */
const DEFAULT_DIRECTORY = ".venv";

/**
 * Chooses the environment: the one that the options name, else the one that a pool would find, else a new one, created
 * with the interpreter that is named or found. Never changes a system installation.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the options contradict the existing environment; rethrows errors of
 *   `findInterpreter`. `INVALID_ARGUMENT` also when the environment exists without a usable interpreter.
 */
export async function chooseEnvironment({ python, venv, cwd, env }: ChoiceOptions): Promise<EnvironmentChoice> {
  const search = { cwd, env, ...(python !== undefined && { python }) };
  if (venv === undefined) {
    const { path } = await findInterpreter(search);
    const facts = await pythonFacts(path);
    if (facts.isEnvironment) return { is: "existing", interpreter: path, facts };
  }
  const directory = resolve(cwd, venv ?? DEFAULT_DIRECTORY);
  const interpreter = await interpreterOf(directory);
  if (interpreter === undefined) {
    const broken = await brokenEnvironment(directory);
    if (broken !== undefined) throw unusable(broken);
    const { path: base } = await findInterpreter(search);
    return { is: "new", directory, base, facts: await pythonFacts(base) };
  }
  const facts = await pythonFacts(interpreter);
  if (python !== undefined)
    await checkSameVersion(facts, (await findInterpreter(search)).path, relative(cwd, directory));
  return { is: "existing", interpreter, facts };
}

/** The packages in it may be all that someone has, so it is not replaced. */
function unusable({ directory, problem, remedy }: BrokenEnvironment): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the environment ${directory} has no usable interpreter: ${problem}; ${remedy}`,
  );
}

async function checkSameVersion(existing: PythonFacts, named: string, directory: string): Promise<void> {
  const facts = await pythonFacts(named);
  if (minorVersion(facts) === minorVersion(existing)) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `${directory} must have the Python version of ${named}, ${facts.version}; got an existing environment with ${existing.version}; remove it, or name another directory with --venv`,
  );
}

function minorVersion({ version }: PythonFacts): string {
  return version.split(".").slice(0, 2).join(".");
}
