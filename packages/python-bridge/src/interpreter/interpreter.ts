/** A Python interpreter that was chosen, not yet tried. */
export interface Interpreter {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Who chose it, for messages: `the option python`, `SNAKEPIT_PYTHON`, `the virtual environment /app/.venv`. */
  readonly chosenBy: string;
  /** Whether the user has named it, and it was not found. */
  readonly isChoice: boolean;
}
