import { isNativeError } from "node:util/types";
import { ERROR_CODES, type ErrorCode } from "./error-code.ts";
import type { GrpcStatus } from "./grpc-status.ts";
import { errorOfHostException, type HostException } from "./host-exception.ts";
import type { PythonFailure } from "./python-failure.ts";
import { stackWithPython } from "./python-frames.ts";

/**
 * Whether the failed start of a worker is worth another attempt: not when it is `permanent`, that is, as long as neither code
 * nor set-up change; `timed-out` when it took the whole time that it was allowed.
 */
export type StartFailure = "permanent" | "timed-out" | "temporary";

/** What an error knows beyond its code and message. */
export interface SnakepitErrorOptions {
  /** The error that this one wraps; by default the one that Python chained to the exception, or `hostException`. */
  readonly cause?: unknown;
  /** Further facts, safe to log; keys depend on the code and are documented with it. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The exception in Python, where that is what went wrong. */
  readonly python?: PythonFailure;
  /** The exception of a host tool, where that is what went wrong, directly or in a call behind this one. */
  readonly hostException?: HostException;
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
 * Marks the instances of every copy of this class: a process may have several, of different versions of the package or
 * of one version that was installed twice.
 */
const MARKER = Symbol.for("@snakepit/core/SnakepitError");

/**
 * The one error that leaves a Snakepit package. `instanceof SnakepitError` also holds for the errors of another installed
 * copy of `@snakepit/core`.
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
  static {
    Object.defineProperty(SnakepitError.prototype, MARKER, { value: true });
    // Subclasses inherit it, and `this` is then the subclass, which holds for its own instances only.
    Object.defineProperty(SnakepitError, Symbol.hasInstance, {
      value(this: unknown, value: unknown): boolean {
        if (this !== SnakepitError) return Function.prototype[Symbol.hasInstance].call(this, value);
        return isNativeError(value) && MARKER in value;
      },
    });
  }

  override readonly name = "SnakepitError";
  /** Which kind of failure this is; stable across versions. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed when it is made again unchanged. */
  readonly retryable: boolean;
  /** Further facts, safe to log. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The exception in Python, for `PYTHON_EXCEPTION` and for start failures that Python reported. */
  declare readonly python?: PythonFailure;
  /**
   * The exception that a host tool threw: for `HOST_TOOL_EXCEPTION`, and for an exception in Python that it led to. An error
   * that was sent over gRPC has none.
   */
  declare readonly hostException?: HostException;
  declare readonly pool?: string;
  declare readonly workerId?: string;
  declare readonly callId?: string;
  /** Of an error of a worker's start: whether trying again may help. */
  declare readonly startFailure?: StartFailure;

  constructor(code: ErrorCode, message: string, options: SnakepitErrorOptions = {}) {
    const cause = options.cause ?? causeOf(options);
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
    // Not enumerable: Node would print traceback and stack as strings with escapes, and the stacks have them already.
    if (options.python !== undefined) Object.defineProperty(this, "python", { value: options.python });
    if (options.hostException !== undefined) {
      Object.defineProperty(this, "hostException", { value: options.hostException });
    }
    if (options.pool !== undefined) this.pool = options.pool;
    if (options.workerId !== undefined) this.workerId = options.workerId;
    if (options.callId !== undefined) this.callId = options.callId;
    if (options.startFailure !== undefined) this.startFailure = options.startFailure;
    showPythonFrames(this);
  }

  /** The gRPC status that clients of the gateway receive. */
  get grpcStatus(): GrpcStatus {
    return ERROR_CODES[this.code].grpcStatus;
  }

  /** Returns what a structured logger should write of this error. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      details: this.details,
      python: this.python,
      hostException: this.hostException,
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

/**
 * Returns what led to an exception in Python, or to the failure of a host tool, as an error of its own. The exception of a
 * host tool is behind those of Python: the innermost cause.
 */
function causeOf({ python, hostException }: SnakepitErrorOptions): Error | undefined {
  const cause = python?.cause;
  if (cause === undefined) return hostException && errorOfHostException(hostException);
  const message = cause.message === "" ? cause.type : `${cause.type}: ${cause.message}`;
  const error = new SnakepitError("PYTHON_EXCEPTION", message, {
    python: cause,
    ...(hostException && { hostException }),
  });
  // The stack of this process would show where the error was decoded.
  error.stack = stackWithPython(`${error.name}: ${error.message}`, cause.traceback);
  return error;
}
