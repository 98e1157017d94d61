/** The data of a Python exception. */
export interface PythonFailure {
  /** Name of the exception's class, for example `ZeroDivisionError`. */
  readonly type: string;
  /** Module of the exception's class, for example `builtins`. */
  readonly module: string;
  /** `str(exception)`. */
  readonly message: string;
  /** The traceback, formatted by Python, without the frames of the bridge. */
  readonly traceback: string;
  /** Notes added with `add_note()` (Python 3.11 and newer). */
  readonly notes: readonly string[];
  /** Its `__cause__`, or its `__context__` unless that is suppressed. */
  readonly cause?: PythonFailure;
}
