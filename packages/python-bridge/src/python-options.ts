import { type ConfigProblem, describeValue, isPoolOption, nearestName } from "@snakepit/core";
import { targetProblem } from "./target-mistakes.ts";

/** How Python workers are started. */
export interface PythonOptions {
  /**
   * The interpreter: a path, a command on `PATH`, or the directory of a virtual environment. By default the first of
   * `SNAKEPIT_PYTHON`, the active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`), an environment beside the target or the
   * working directory or above them (`.venv`, `venv`, `.conda`, poetry's), `python3`, `python`.
   */
  readonly python?: string;
  /** Arguments of the interpreter itself, for example `["-X", "dev"]`; none by default. */
  readonly args?: readonly string[];
  /**
   * How workers come to be. `zygote` forks them from a process that has imported the target once: milliseconds and a
   * few megabytes a worker. `spawn` starts a fresh interpreter for each, for what cannot be forked. `zygote` is the
   * default on Linux, and gives way to `spawn` when the adapter says `fork_safe = False`; elsewhere the default is
   * `spawn`.
   */
  readonly launcher?: "zygote" | "spawn";
  /**
   * Through what workers talk to the host: `socket` (default), or `grpc`, for which their Python needs
   * `snakepit-bridge[grpc]`.
   */
  readonly transport?: "socket" | "grpc";
  /** Working directory of the workers, from which a relative target is meant; by default the host's. */
  readonly cwd?: string;
  /** Environment variables added to those of the host; `undefined` takes one away. The pool's `env` comes after these. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directories put before Python's module search path; relative ones are meant from `cwd`. */
  readonly path?: readonly string[];
}

interface Rule {
  /** What is accepted, completing "is …, not". */
  readonly expects: string;
  readonly example: string;
  readonly accepts: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isListOfTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isEnvironment = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((each) => each === undefined || typeof each === "string");

const RULES: { readonly [Name in keyof Required<PythonOptions>]: Rule } = {
  python: {
    expects: "an executable, a command on PATH or the directory of an environment",
    example: 'python: ".venv"',
    accepts: isText,
  },
  args: { expects: "a list of texts", example: 'args: ["-X", "dev"]', accepts: isListOfTexts },
  launcher: {
    expects: '"zygote" or "spawn"',
    example: 'launcher: "spawn"',
    accepts: (value) => value === "zygote" || value === "spawn",
  },
  transport: {
    expects: '"socket" or "grpc"',
    example: 'transport: "grpc"',
    accepts: (value) => value === "socket" || value === "grpc",
  },
  cwd: { expects: "the path of a directory", example: 'cwd: "./python"', accepts: isText },
  env: {
    expects: "an object of texts by the variable's name",
    example: 'env: { MODEL_DIR: "/models" }',
    accepts: isEnvironment,
  },
  path: { expects: "a list of directories", example: 'path: ["./lib"]', accepts: isListOfTexts },
};

/** The mistakes in what {@link python} was given. */
export function pythonProblems(target: unknown, options: unknown): readonly ConfigProblem[] {
  const problem = targetProblem(target);
  return [...(problem === undefined ? [] : [problem]), ...optionProblems(options)];
}

function optionProblems(options: unknown): ConfigProblem[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const remedy =
      typeof options === "string" && options !== ""
        ? `write for example \`python("./tools.py", { python: ${JSON.stringify(options)} })\``
        : 'write for example `python("./tools.py", { launcher: "spawn" })`';
    return [{ path: "", problem: `has ${describeValue(options)} where its options belong`, remedy }];
  }
  return Object.entries(options).flatMap(([name, value]) => {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof PythonOptions] : undefined;
    if (rule === undefined) return [unknownOption(name)];
    if (value === undefined || rule.accepts(value)) return [];
    // What is wrong in a list or an object may be a secret.
    const found = typeof value === "object" && value !== null ? "is" : `is ${describeValue(value)},`;
    return [{ path: name, problem: `${found} not ${rule.expects}`, remedy: `write for example \`${rule.example}\`` }];
  });
}

function unknownOption(name: string): ConfigProblem {
  const known = Object.keys(RULES);
  if (isPoolOption(name)) {
    const remedy = `it is one of the pool: write \`{ worker: python("./tools.py"), ${name}: … }\``;
    return { path: name, problem: "is not an option of python()", remedy };
  }
  const nearest = nearestName(name, known);
  const remedy =
    nearest === undefined ? `the options of python() are ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
  return { path: name, problem: "is not an option of python()", remedy };
}
