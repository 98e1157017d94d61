/** An exception in Python as it arrived from a worker. */
export interface PythonFailure {
  /** Name of the exception's class, for example `ZeroDivisionError`. */
  readonly type: string;
  /** Module of the exception's class, for example `builtins`. */
  readonly module: string;
  /** `str(exception)`. */
  readonly message: string;
  /** The traceback as Python formats it, frames of the bridge itself left out. */
  readonly traceback: string;
  /** Notes added with `add_note()` (Python 3.11 and newer). */
  readonly notes: readonly string[];
  /** The chain behind it: `__cause__`, or `__context__` where that is not suppressed. */
  readonly cause?: PythonFailure;
}
