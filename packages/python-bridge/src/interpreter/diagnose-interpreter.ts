import { execFile } from "node:child_process";
import { join } from "node:path";
import { SnakepitError, type StartFailure } from "@snakepit/core";
import { type Demand, describeShortage, isShortage } from "../system-shortage.ts";
import { type Interpreter, SAFE_PATH } from "./interpreter.ts";
import { projectOfInterpreter } from "./python-project.ts";

/** The oldest supported version of Python. */
export const OLDEST_PYTHON = [3, 10] as const;

const MARK = "snakepit-diagnosis:";
const TIMEOUT_MS = 10_000;
const CHOOSE_ANOTHER = `set the option python or SNAKEPIT_PYTHON to Python ${OLDEST_PYTHON.join(".")} or newer`;

// Runs on Python 2 too, so that the error can report its version. Imports no module that a user's file can shadow, such
// as json.
const SCRIPT = `
import os, sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
def quote(value):
    if isinstance(value, type(None)):
        return "null"
    value = "".join(c if " " <= c <= "~" else " " for c in str(value))
    return '"' + value.replace("\\\\", "\\\\\\\\").replace('"', '\\\\"') + '"'
def shadows(file):
    name = os.path.splitext(os.path.basename(file))[0]
    is_standard = name in getattr(sys, "stdlib_module_names", ())
    return is_standard and os.path.dirname(file) != os.path.dirname(os.__file__) and "snakepit_bridge" not in file
is_environment = sys.prefix != getattr(sys, "base_prefix", sys.prefix) or os.path.isdir(os.path.join(sys.prefix, "conda-meta"))
problem = missing = shadowing = None
try:
    import snakepit_bridge.__main__
except BaseException:
    kind, error, trace = sys.exc_info()
    problem = str(error) if issubclass(kind, ImportError) else "%s: %s" % (kind.__name__, error)
    missing = getattr(error, "name", None) if issubclass(kind, ImportError) else None
    files = [getattr(error, "path", None), getattr(error, "filename", None)]
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    shadowing = next((each for each in reversed(files) if isinstance(each, str) and shadows(each)), None)
print('${MARK}{"version": [%s], "environment": %s, "problem": %s, "missing": %s, "shadowing": %s}' % (
    ", ".join(str(each) for each in sys.version_info[:3]), "true" if is_environment else "false",
    quote(problem), quote(missing), quote(shadowing)))
`;

interface Facts {
  readonly version: readonly [number, number, number];
  /** Whether the interpreter belongs to a virtual environment, rather than to the system. */
  readonly environment: boolean;
  /** Why the bridge package cannot be imported; `null` if it can. */
  readonly problem: string | null;
  /** The module that was not found. */
  readonly missing: string | null;
  /** A file of the user that has the name of a standard module and was imported instead of it. */
  readonly shadowing?: string | null;
}

/** The first line of an exception's traceback, or of a fatal error of the interpreter. */
const TRACEBACK = /^Traceback \(most recent call last\):|^Fatal Python error:/m;

/** How an interpreter ended before the zygote reported its start. */
export interface EarlyEnd {
  /** For messages, for example `it exited with status 1`. */
  readonly description: string;
  /** The kind of failure to report if the diagnosis finds no other reason. */
  readonly startFailure: StartFailure;
  readonly stderrTail: string;
}

/**
 * Runs an interpreter again to determine why it failed to start the zygote: it is not Python, it is too old, or the
 * bridge package is missing or cannot be imported. Resolves with a `WORKER_START_FAILED` error that names the
 * interpreter and the remedy.
 */
export async function diagnoseInterpreter(
  interpreter: Interpreter,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  end: EarlyEnd,
): Promise<SnakepitError> {
  const facts = await inspectInterpreter(interpreter, env, cwd);
  const name = `${interpreter.path} (${interpreter.chosenBy})`;
  const fail = (message: string, details: Record<string, unknown> = {}, startFailure: StartFailure = "permanent") =>
    new SnakepitError("WORKER_START_FAILED", message, {
      startFailure,
      details: { interpreter: interpreter.path, stderrTail: end.stderrTail, ...details },
    });

  if (facts === undefined) {
    // Only Python writes such tracebacks, so this is a Python that cannot run any code.
    if (TRACEBACK.test(end.stderrTail)) {
      return fail(
        `${name} failed to start: ${end.description}; fix the error in the traceback, which \`${interpreter.path} -c pass\` reproduces${quotedOutput(end.stderrTail)}`,
        {},
        end.startFailure,
      );
    }
    return fail(
      `${name} is not a Python interpreter: ${end.description}; ${CHOOSE_ANOTHER}${quotedOutput(end.stderrTail)}`,
      {},
      end.startFailure,
    );
  }
  const version = facts.version.join(".");
  const [major, minor] = facts.version;
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
    return fail(
      `${name} must be Python ${OLDEST_PYTHON.join(".")} or newer; got Python ${version}; ${CHOOSE_ANOTHER}`,
      { version },
    );
  }
  if (facts.missing === "snakepit_bridge") {
    const remedy = await installRemedy(interpreter, facts.environment, env, cwd);
    return fail(`the package snakepit-bridge is not installed in ${name}; ${remedy}`, { version });
  }
  if (facts.problem !== null && facts.shadowing) {
    return fail(
      `the package snakepit-bridge of ${name} cannot be imported: ${facts.problem}; the file ${facts.shadowing} shadows the standard module of the same name: rename it, or remove its directory from PYTHONPATH`,
      { version },
    );
  }
  if (facts.problem !== null) {
    const remedy = await installRemedy(interpreter, facts.environment, env, cwd);
    return fail(`the package snakepit-bridge of ${name} cannot be imported: ${facts.problem}; ${remedy}`, { version });
  }
  return fail(
    `${name} failed to start the zygote: ${end.description}${quotedOutput(end.stderrTail)}`,
    { version },
    end.startFailure,
  );
}

/** Returns the error for an interpreter that the operating system did not start. */
export function interpreterNotStarted(
  interpreter: Interpreter,
  cause: NodeJS.ErrnoException,
  demand: Demand,
): SnakepitError {
  if (isShortage(cause.code)) {
    return new SnakepitError(
      "WORKER_START_FAILED",
      `${interpreter.path} could not be started: ${cause.message}; ${describeShortage(cause.code, demand)}`,
      { cause, startFailure: "temporary", details: { interpreter: interpreter.path, errno: cause.code } },
    );
  }
  return new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter.path} (${interpreter.chosenBy}) could not be started: ${cause.message}; ${CHOOSE_ANOTHER}`,
    { cause, startFailure: "permanent", details: { interpreter: interpreter.path } },
  );
}

/** Returns how to install the bridge package. The Python of the system first requires a virtual environment. */
async function installRemedy(
  { path, isChoice, passedOver = [] }: Interpreter,
  environment: boolean,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string> {
  const [broken] = passedOver;
  if (broken !== undefined) {
    return `the environment ${broken.directory} was passed over, because ${broken.problem}; ${broken.remedy}`;
  }
  if (environment) {
    const project = await projectOfInterpreter(path, cwd, env);
    if (project === undefined) return `install it: npx snakepit setup --python ${path}`;
    return `add it to ${join(project.directory, "pyproject.toml")}, so that ${project.manager} keeps it: npx snakepit setup --python ${path} --record`;
  }
  if (!isChoice) return "create an environment that has it: npx snakepit setup";
  return `create an environment that has it (npx snakepit setup --python ${path}) and use it instead: python("./tools.py", { python: ".venv" })`;
}

function quotedOutput(tail: string): string {
  return tail === "" ? "" : `; last lines of stderr:\n${tail}`;
}

function inspectInterpreter(
  interpreter: Interpreter,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Facts | undefined> {
  const { promise, resolve } = Promise.withResolvers<Facts | undefined>();
  const options = { env: { ...SAFE_PATH, ...env }, cwd, timeout: TIMEOUT_MS, killSignal: "SIGKILL" } as const;
  try {
    execFile(interpreter.path, ["-c", SCRIPT], options, (_error, stdout) => {
      // The exit status adds nothing: the output shows whether the script ran.
      const line = stdout.split("\n").find((each) => each.startsWith(MARK));
      resolve(line === undefined ? undefined : (JSON.parse(line.slice(MARK.length)) as Facts));
    });
  } catch {
    // The process was not started, for example because the system is out of memory.
    resolve(undefined);
  }
  return promise;
}
