/** The Python interpreter of a pool. It has not been executed yet. */
export interface Interpreter {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Where it was found, for messages: `the option python`, `SNAKEPIT_PYTHON`, `the virtual environment /app/.venv`. */
  readonly chosenBy: string;
  /** Whether it was configured explicitly, rather than found by the search. */
  readonly isChoice: boolean;
  /** Environments that would have been chosen before it if they had a usable interpreter. */
  readonly passedOver?: readonly BrokenEnvironment[];
}

/** An environment whose interpreter was moved or removed, or belongs to another user. */
export interface BrokenEnvironment {
  readonly directory: string;
  /** For messages, for example `/app/.venv/bin/python3 leads to /opt/python3.11, which does not exist`. */
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Keeps the working directory out of Python's module search path, to which `-m` and `-c` add it, so that a file such as
 * `json.py` there does not shadow a standard module. The bridge removes the variable at its start if it has this value,
 * so that scripts started by tools can import modules from their own directory. Python 3.10 ignores the variable; there
 * the bridge removes the directory from the path.
 *
 * https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH
 */
export const SAFE_PATH = { PYTHONSAFEPATH: "snakepit" } as const;
