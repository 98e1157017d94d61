/** The Python interpreter of a pool. It has not been executed yet. */
export interface Interpreter {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Where it was found, for messages: `the option python`, `SNAKEPIT_PYTHON`, `the virtual environment /app/.venv`. */
  readonly chosenBy: string;
  /** Whether it was configured explicitly, rather than found by the search. */
  readonly isChoice: boolean;
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
