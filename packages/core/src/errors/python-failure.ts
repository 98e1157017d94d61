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

/** What `util.inspect`, and with it `console.log` and Node itself, ask an object for. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** The same exception, shown in a terminal as its traceback, as Python would show it. */
export function shownAsTraceback(failure: PythonFailure): PythonFailure {
  return Object.defineProperty({ ...failure }, INSPECT, { value: () => failure.traceback.trimEnd() });
}
