import { type ConfigProblem, describeKind, describeValue, formatPath, isPoolOption, nearestName } from "@snakepit/core";
import { targetProblem } from "./target-problems.ts";

/** How the Python workers of a pool are started. */
export interface PythonOptions {
  /**
   * The interpreter: a path, a command on `PATH`, or the directory of a virtual environment. The default is the first
   * one found of: `SNAKEPIT_PYTHON`, the active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`), an environment (`.venv`,
   * `venv`, `.conda`, poetry's) in the directory of the target, the working directory or one of their parents,
   * `python3`, `python`.
   */
  readonly python?: string;
  /**
   * Arguments of the interpreter itself, for example `["-X", "dev"]`. By default there are no arguments. Those that
   * select a program (`-c`, `-m`, a file) are rejected: the interpreter runs the worker.
   */
  readonly args?: readonly string[];
  /**
   * How worker processes are started. `fork` forks them from a zygote that has imported the target once, which takes
   * milliseconds and a few megabytes per worker. `spawn` starts a new interpreter for each, for targets that cannot be
   * forked. The default is `fork` on Linux, unless the adapter sets `fork_safe = False`, and `spawn` elsewhere.
   */
  readonly startMethod?: "fork" | "spawn";
  /**
   * The transport between workers and host: `socket` (default) or `grpc`, which requires the package `@grpc/grpc-js`,
   * and `snakepit-bridge[grpc]` in Python.
   */
  readonly transport?: "socket" | "grpc";
  /** Working directory of the workers. A relative target is resolved against it. The default is that of the host. */
  readonly cwd?: string;
  /** Environment variables added to those of the host; `undefined` removes one. The pool's `env` takes precedence. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Existing directories prepended to Python's module search path. Relative ones are resolved against `cwd`. */
  readonly path?: readonly string[];
  /**
   * Keyword arguments of the constructor of the adapter class that the target names, by parameter name. Values may be
   * all that a tool accepts, at most 16 KiB in total. They are checked against the constructor before a worker starts:
   * a mismatch rejects the start with `WORKER_START_FAILED`. They are copied when `python()` is called, sent on a pipe,
   * and are not part of `pit.config`, so that they may contain secrets. By default the constructor has no arguments.
   */
  readonly options?: Readonly<Record<string, unknown>>;
}

interface Rule {
  /** The accepted values, completing "must be". */
  readonly expects: string;
  readonly example: string;
  readonly accepts: (value: unknown) => boolean;
  /** Whether messages must not contain the value, which may be a secret. Default `false`. */
  readonly isSecret?: boolean;
  /** The rule for the parts of a value that is an array or an object. */
  readonly parts?: { readonly expects: string; readonly accepts: (part: unknown) => boolean };
  /** Returns further problems of a value whose parts are accepted. */
  readonly problems?: (value: never) => readonly ConfigProblem[];
}

const isNonEmptyString = (value: unknown): boolean => typeof value === "string" && value !== "";
const isArray = (value: unknown): boolean => Array.isArray(value);
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** An environment variable whose name contains "=" would set another one. */
const VARIABLE = /^[^=\0]+$/;
/** An argument that starts with a hyphen; a single hyphen reads the program from standard input. */
const OPTION = /^-./;
/** Options whose value is the next argument, alone or after others: -X dev, -W error, -IX dev. */
const WITH_SEPARATE_VALUE = /^(-[A-Za-z]*[XW]|--check-hash-based-pycs)$/;
/**
 * Options that run another program (-c, -m) or none (-h, -V, --help, --version), also after others (-Ic), but not in
 * the value of -X and -W.
 */
const ENDING = /^-(?!-)[^XW]*[cmhV?]|^--(help|version|help-.*)$|^--$/;

const NON_EMPTY = { expects: "a non-empty string", accepts: isNonEmptyString };

const RULES: { readonly [Name in keyof Required<PythonOptions>]: Rule } = {
  python: {
    expects: "an executable, a command on PATH, or the directory of a virtual environment",
    example: 'python: ".venv"',
    accepts: isNonEmptyString,
  },
  args: {
    expects: "an array of strings",
    example: 'args: ["-X", "dev"]',
    accepts: isArray,
    parts: NON_EMPTY,
    problems: programProblems,
  },
  startMethod: {
    expects: '"fork" or "spawn"',
    example: 'startMethod: "spawn"',
    accepts: (value) => value === "fork" || value === "spawn",
  },
  transport: {
    expects: '"socket" or "grpc"',
    example: 'transport: "grpc"',
    accepts: (value) => value === "socket" || value === "grpc",
  },
  cwd: { expects: "the path of a directory", example: 'cwd: "./python"', accepts: isNonEmptyString },
  env: {
    expects: "an object that maps the names of variables to strings",
    example: 'env: { MODEL_DIR: "/models" }',
    accepts: isObject,
    parts: {
      expects: "a string without null characters, or undefined",
      accepts: (part) => part === undefined || (typeof part === "string" && !part.includes("\0")),
    },
    problems: variableProblems,
  },
  options: {
    expects: "an object of arguments for the constructor of the adapter class",
    example: 'options: { model: "small" }',
    // Also an object of another realm.
    accepts: (value) => Object.prototype.toString.call(value) === "[object Object]",
    isSecret: true,
  },
  path: { expects: "an array of directories", example: 'path: ["./lib"]', accepts: isArray, parts: NON_EMPTY },
};

/** Returns the problems in the arguments of {@link python}. */
export function pythonProblems(target: unknown, options: unknown): readonly ConfigProblem[] {
  const problem = targetProblem(target);
  return [...(problem === undefined ? [] : [problem]), ...optionProblems(options)];
}

function optionProblems(options: unknown): ConfigProblem[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const remedy =
      typeof options === "string" && options !== ""
        ? `write for example \`python("./tools.py", { python: ${JSON.stringify(options)} })\``
        : 'write for example `python("./tools.py", { startMethod: "spawn" })`';
    return [{ path: "options", problem: `must be an object; got ${describeValue(options)}`, remedy }];
  }
  return Object.entries(options).flatMap(([name, value]) => {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof PythonOptions] : undefined;
    if (rule === undefined) return [unknownOption(name)];
    if (value === undefined) return [];
    const remedy = `write for example \`${rule.example}\``;
    if (!rule.accepts(value)) {
      const got = rule.isSecret ? describeKind(value) : describeValue(value);
      return [{ path: name, problem: `must be ${rule.expects}; got ${got}`, remedy }];
    }
    const problems = partProblems(name, value, rule, remedy);
    return problems.length > 0 ? problems : [...(rule.problems?.(value as never) ?? [])];
  });
}

/** Returns the problem of arguments that would make the interpreter run another program than the worker. */
function programProblems(args: readonly string[]): readonly ConfigProblem[] {
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    if (WITH_SEPARATE_VALUE.test(argument)) index += 1;
    else if (!OPTION.test(argument) || ENDING.test(argument)) {
      return [
        {
          path: formatPath("args", [index]),
          problem: `must be an option of the interpreter; got ${describeValue(argument)}, which runs another program`,
          remedy: 'remove it: the first argument of python() is the code that workers run, for example `"./tools.py"`',
        },
      ];
    }
  }
  return [];
}

/** Returns the problems of the names of environment variables. */
function variableProblems(env: Readonly<Record<string, unknown>>): readonly ConfigProblem[] {
  return Object.keys(env)
    .filter((name) => !VARIABLE.test(name))
    .map((name) => ({
      path: formatPath("env", [name]),
      problem: 'must be named by a non-empty string without "=" and null characters',
      remedy: 'write the name as the key and the text as its value: `env: { MODEL_DIR: "/models" }`',
    }));
}

function partProblems(name: string, value: unknown, { parts }: Rule, remedy: string): ConfigProblem[] {
  if (parts === undefined) return [];
  return Object.entries(value as object)
    .filter(([, part]) => !parts.accepts(part))
    .map(([key, part]) => ({
      path: formatPath(name, [Array.isArray(value) ? Number(key) : key]),
      // A part may be a secret.
      problem: `must be ${parts.expects}; got ${part === "" ? '""' : describeKind(part)}`,
      remedy,
    }));
}

function unknownOption(name: string): ConfigProblem {
  const known = Object.keys(RULES);
  if (isPoolOption(name)) {
    const remedy = `it is an option of the pool: write \`{ worker: python("./tools.py"), ${name}: … }\``;
    return { path: name, problem: "is not an option of python()", remedy };
  }
  const nearest = nearestName(name, known);
  const remedy =
    nearest === undefined ? `the options of python() are ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
  return { path: name, problem: "is not an option of python()", remedy };
}
