import { ERROR_CODES, type ErrorCode } from "./error-code.ts";
import type { PythonFailure } from "./python-failure.ts";
import { stackWithPython } from "./python-frames.ts";

/**
 * Whether the failed start of a worker is worth another attempt: not when it is `permanent`, that is, as long as neither code
 * nor set-up change; `timed-out` when it took the whole time that it was allowed.
 */
export type StartFailure = "permanent" | "timed-out" | "temporary";

/** What an error knows beyond its code and message. */
export interface SnakepitErrorOptions {
  /** The error that this one wraps; by default the one that Python chained to the exception. */
  readonly cause?: unknown;
  /** Further facts, safe to log; keys depend on the code and are documented with it. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The exception in Python, where that is what went wrong. */
  readonly python?: PythonFailure;
  /** Name of the pool concerned. */
  readonly pool?: string;
  /** Id of the worker concerned. */
  readonly workerId?: string;
  /** Correlation id of the call concerned. */
  readonly callId?: string;
  /** Of an error of a worker's start: whether the start is tried again. */
  readonly startFailure?: StartFailure;
  /** Overrides the code's default for {@link SnakepitError.retryable}. */
  readonly retryable?: boolean;
}

/**
 * The one error that leaves a Snakepit package.
 *
 * @example
 * try {
 *   await pit.execute("divide", { a: 1, b: 0 });
 * } catch (error) {
 *   if (error instanceof SnakepitError && error.code === "PYTHON_EXCEPTION") {
 *     console.error(error.python?.traceback);
 *   }
 * }
 */
export class SnakepitError extends Error {
  override readonly name = "SnakepitError";
  /** Which kind of failure this is; stable across versions. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed when it is made again unchanged. */
  readonly retryable: boolean;
  /** Further facts, safe to log. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The exception in Python, for `PYTHON_EXCEPTION` and for start failures that Python reported. */
  declare readonly python?: PythonFailure;
  declare readonly pool?: string;
  declare readonly workerId?: string;
  declare readonly callId?: string;
  /** Of an error of a worker's start: whether trying again may help. */
  declare readonly startFailure?: StartFailure;

  constructor(code: ErrorCode, message: string, options: SnakepitErrorOptions = {}) {
    const cause = options.cause ?? causeInPython(options.python);
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
    // Not enumerable: Node would print the traceback as a string with escapes, and the stack has it already.
    if (options.python !== undefined) Object.defineProperty(this, "python", { value: options.python });
    if (options.pool !== undefined) this.pool = options.pool;
    if (options.workerId !== undefined) this.workerId = options.workerId;
    if (options.callId !== undefined) this.callId = options.callId;
    if (options.startFailure !== undefined) this.startFailure = options.startFailure;
    showPythonFrames(this);
  }

  /** The number of the gRPC status that this error becomes for foreign clients. */
  get grpcStatus(): number {
    return ERROR_CODES[this.code].grpcStatus;
  }

  /** What a structured logger should write of this error. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      details: this.details,
      python: this.python,
      pool: this.pool,
      workerId: this.workerId,
      callId: this.callId,
      startFailure: this.startFailure,
      stack: this.stack,
    };
  }
}

/** Puts the frames of the Python exception into the stack, to be called when the stack was captured. */
export function showPythonFrames(error: SnakepitError): void {
  const { python } = error;
  // Reading the stack formats it, which costs more than all the rest of an error.
  if (python === undefined) return;
  const { stack } = error;
  // With an `Error.prepareStackTrace` of the user's own the stack may be anything.
  if (typeof stack === "string") error.stack = stackWithPython(stack, python.traceback);
}

/** The exception behind one in Python as an error of its own, for what shows the causes of an error. */
function causeInPython(python: PythonFailure | undefined): SnakepitError | undefined {
  const cause = python?.cause;
  if (cause === undefined) return undefined;
  const error = new SnakepitError(
    "PYTHON_EXCEPTION",
    cause.message === "" ? cause.type : `${cause.type}: ${cause.message}`,
    {
      python: cause,
    },
  );
  // Where this process decoded it says nothing.
  error.stack = stackWithPython(`${error.name}: ${error.message}`, cause.traceback);
  return error;
}
