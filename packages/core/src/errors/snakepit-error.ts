import { ERROR_CODES, type ErrorCode } from "./error-code.ts";
import { type PythonFailure, shownAsTraceback } from "./python-failure.ts";

/** What an error knows beyond its code and message. */
export interface SnakepitErrorOptions {
  /** The error that this one wraps. */
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

  constructor(code: ErrorCode, message: string, options: SnakepitErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
    if (options.python !== undefined) this.python = shownAsTraceback(options.python);
    if (options.pool !== undefined) this.pool = options.pool;
    if (options.workerId !== undefined) this.workerId = options.workerId;
    if (options.callId !== undefined) this.callId = options.callId;
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
      stack: this.stack,
    };
  }
}
