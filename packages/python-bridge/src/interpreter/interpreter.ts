/** The Python interpreter of a pool. It has not been executed yet. */
export interface Interpreter {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Where it was found, for messages: `the option python`, `SNAKEPIT_PYTHON`, `the virtual environment /app/.venv`. */
  readonly chosenBy: string;
  /** Whether it was configured explicitly, rather than found by the search. */
  readonly isChoice: boolean;
}
