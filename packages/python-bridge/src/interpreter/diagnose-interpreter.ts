import { execFile } from "node:child_process";
import { join } from "node:path";
import { SnakepitError, type StartFailure } from "@snakepit/core";
import { type Demand, describeShortage, isShortage } from "../system-shortage.ts";
import type { Interpreter } from "./interpreter.ts";
import { projectOfInterpreter } from "./python-project.ts";
import { SAFE_PATH } from "./safe-path.ts";

/** The oldest Python that the bridge runs on. */
export const OLDEST_PYTHON = [3, 10] as const;

const MARK = "snakepit-diagnosis:";
const TIMEOUT_MS = 10_000;

// Also for Python 2, so that it can be named. It imports nothing that a file of the user's may hide, json included.
const SCRIPT = `
import os, sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
def quote(text):
    if text is None:
        return "null"
    text = "".join(c if " " <= c <= "~" else " " for c in str(text))
    return '"' + text.replace("\\\\", "\\\\\\\\").replace('"', '\\\\"') + '"'
def hides(file):
    name = os.path.splitext(os.path.basename(file))[0]
    is_standard = name in getattr(sys, "stdlib_module_names", ())
    return is_standard and os.path.dirname(file) != os.path.dirname(os.__file__) and "snakepit_bridge" not in file
is_environment = sys.prefix != getattr(sys, "base_prefix", sys.prefix) or os.path.isdir(os.path.join(sys.prefix, "conda-meta"))
problem = missing = hiding = None
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
    hiding = next((each for each in reversed(files) if isinstance(each, str) and hides(each)), None)
print('${MARK}{"version": [%s], "environment": %s, "problem": %s, "missing": %s, "hiding": %s}' % (
    ", ".join(str(each) for each in sys.version_info[:3]), "true" if is_environment else "false",
    quote(problem), quote(missing), quote(hiding)))
`;

interface Facts {
  readonly version: readonly [number, number, number];
  /** Whether it belongs to an environment, rather than to the system. */
  readonly environment: boolean;
  readonly problem: string | null;
  readonly missing: string | null;
  /** A file of the user's that has the name of a standard module and was imported in its place. */
  readonly hiding?: string | null;
}

/** What Python writes about an exception, and about one that it cannot get over. */
const TRACEBACK = /^Traceback \(most recent call last\):|^Fatal Python error:/m;

/** How an interpreter ended before the launching program could say anything. */
export interface EarlyEnd {
  /** In words: `it exited with status 1`. */
  readonly description: string;
  /** Whether another attempt is likely to end like that, where nothing else is found to be wrong. */
  readonly startFailure: StartFailure;
  readonly stderrTail: string;
}

/**
 * Finds out why an interpreter did not get as far as the launching program, by running it once more: it is no Python,
 * too old, or lacks the bridge package. Resolves with `WORKER_START_FAILED` that names the interpreter and the remedy.
 */
export async function diagnoseInterpreter(
  interpreter: Interpreter,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  end: EarlyEnd,
): Promise<SnakepitError> {
  const facts = await askInterpreter(interpreter, env, cwd);
  const name = `${interpreter.path} (${interpreter.chosenBy})`;
  const fail = (message: string, details: Record<string, unknown> = {}, startFailure: StartFailure = "permanent") =>
    new SnakepitError("WORKER_START_FAILED", message, {
      startFailure,
      details: { interpreter: interpreter.path, stderrTail: end.stderrTail, ...details },
    });

  if (facts === undefined) {
    // It is Python that writes tracebacks; something keeps it from running any code.
    if (TRACEBACK.test(end.stderrTail)) {
      return fail(
        `${name} cannot start the bridge: ${end.description}. Mend what the traceback names; ${interpreter.path} -c pass shows it without Snakepit${quote(end.stderrTail)}`,
        {},
        end.startFailure,
      );
    }
    return fail(
      `${name} is not a Python interpreter: ${end.description}. Name a Python 3.10 or newer with the option python or SNAKEPIT_PYTHON${quote(end.stderrTail)}`,
      {},
      end.startFailure,
    );
  }
  const version = facts.version.join(".");
  const [major, minor] = facts.version;
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
    return fail(
      `${name} is Python ${version}; Snakepit needs ${OLDEST_PYTHON.join(".")} or newer. Name a newer one with the option python or SNAKEPIT_PYTHON`,
      { version },
    );
  }
  if (facts.missing === "snakepit_bridge") {
    return fail(`${name} has no package snakepit-bridge. ${await remedy(interpreter, facts.environment, env, cwd)}`, {
      version,
    });
  }
  if (facts.problem !== null && facts.hiding) {
    return fail(
      `the package snakepit-bridge of ${name} cannot be imported: ${facts.problem}. The file ${facts.hiding} hides the standard module of the same name; rename it, or take its directory off PYTHONPATH`,
      { version },
    );
  }
  if (facts.problem !== null) {
    return fail(
      `the package snakepit-bridge of ${name} cannot be imported: ${facts.problem}. ${await remedy(interpreter, facts.environment, env, cwd)}`,
      { version },
    );
  }
  return fail(
    `${name} could not start the launching program: ${end.description}${quote(end.stderrTail)}`,
    { version },
    end.startFailure,
  );
}

/** The error for an interpreter that the operating system would not start. */
export function interpreterNotStarted(
  interpreter: Interpreter,
  cause: NodeJS.ErrnoException,
  demand: Demand,
): SnakepitError {
  if (isShortage(cause.code)) {
    return new SnakepitError(
      "WORKER_START_FAILED",
      `${interpreter.path} cannot be started now: ${cause.message}; ${describeShortage(cause.code, demand)}`,
      { cause, startFailure: "temporary", details: { interpreter: interpreter.path, errno: cause.code } },
    );
  }
  return new SnakepitError(
    "WORKER_START_FAILED",
    `${interpreter.path} (${interpreter.chosenBy}) cannot be started: ${cause.message}. Name a Python 3.10 or newer with the option python or SNAKEPIT_PYTHON`,
    { cause, startFailure: "permanent", details: { interpreter: interpreter.path } },
  );
}

/** How to get the bridge package: into an environment; where there is only the system's Python, an environment first. */
async function remedy(
  { path, isChoice }: Interpreter,
  environment: boolean,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string> {
  if (environment) {
    const project = await projectOfInterpreter(path, cwd, env);
    if (project === undefined) return `Install it there: npx snakepit setup --python ${path}`;
    return `Add it to ${join(project.directory, "pyproject.toml")}, so that ${project.manager} keeps it: npx snakepit setup --python ${path} --record`;
  }
  if (!isChoice) return "Make an environment that has it: npx snakepit setup";
  return `Make an environment that has it, with npx snakepit setup --python ${path}, and name that one instead`;
}

function quote(tail: string): string {
  return tail === "" ? "" : `. It wrote:\n${tail}`;
}

function askInterpreter(
  interpreter: Interpreter,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Facts | undefined> {
  const { promise, resolve } = Promise.withResolvers<Facts | undefined>();
  const options = { env: { ...SAFE_PATH, ...env }, cwd, timeout: TIMEOUT_MS, killSignal: "SIGKILL" } as const;
  try {
    execFile(interpreter.path, ["-c", SCRIPT], options, (_error, stdout) => {
      // Its exit status says nothing that the answer, or the want of one, does not say better.
      const line = stdout.split("\n").find((each) => each.startsWith(MARK));
      resolve(line === undefined ? undefined : (JSON.parse(line.slice(MARK.length)) as Facts));
    });
  } catch {
    // Not started, for want of memory perhaps: no answer either.
    resolve(undefined);
  }
  return promise;
}
