import { relative, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { findInterpreter, interpreterOf } from "@snakepit/python-bridge";
import { type PythonFacts, pythonFacts } from "./python-facts.ts";

/** An environment that packages are to be installed into. */
export type EnvironmentChoice =
  /** An existing environment. */
  | { readonly is: "existing"; readonly interpreter: string; readonly facts: PythonFacts }
  /** One that is to be made with the interpreter `base`. */
  | { readonly is: "new"; readonly directory: string; readonly base: string; readonly facts: PythonFacts };

export interface ChoiceOptions {
  readonly python: string | undefined;
  readonly venv: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where a project's environment is made, and where it is looked for. */
const USUAL_DIRECTORY = ".venv";

/**
 * Decides on the environment: the one that is named; else the one that a pool would find; else a new one, made with the
 * interpreter that is named or found. An installation of the system is never changed.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when the options contradict what is there, and what `findInterpreter` throws.
 */
export async function chooseEnvironment({ python, venv, cwd, env }: ChoiceOptions): Promise<EnvironmentChoice> {
  const search = { cwd, env, ...(python !== undefined && { python }) };
  if (venv === undefined) {
    const { path } = await findInterpreter(search);
    const facts = await pythonFacts(path);
    if (facts.isEnvironment) return { is: "existing", interpreter: path, facts };
  }
  const directory = resolve(cwd, venv ?? USUAL_DIRECTORY);
  const interpreter = await interpreterOf(directory);
  if (interpreter === undefined) {
    const { path: base } = await findInterpreter(search);
    return { is: "new", directory, base, facts: await pythonFacts(base) };
  }
  const facts = await pythonFacts(interpreter);
  if (python !== undefined)
    await checkSameVersion(facts, (await findInterpreter(search)).path, relative(cwd, directory));
  return { is: "existing", interpreter, facts };
}

async function checkSameVersion(there: PythonFacts, named: string, directory: string): Promise<void> {
  const facts = await pythonFacts(named);
  if (minorVersion(facts) === minorVersion(there)) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `${directory} is there already, with Python ${there.version}, and ${named} is Python ${facts.version}; remove it, or name another directory with --venv`,
  );
}

function minorVersion({ version }: PythonFacts): string {
  return version.split(".").slice(0, 2).join(".");
}
