import { isNativeError } from "node:util/types";
import { readTraceparent } from "../ids/traceparent.ts";
import { ERROR_CODES, type ErrorCode, type GrpcStatus } from "./error-code.ts";
import { errorText, type Inspect, type InspectSettings } from "./error-text.ts";
import { errorOfHostException, type HostException } from "./host-exception.ts";
import { type PythonFailure, stackWithPython } from "./python-failure.ts";

/**
 * The kind of a failed worker start. `permanent`: a retry fails again unless the code or the set-up changes.
 * `timed-out`: the start exceeded its time limit. `temporary`: a retry may succeed.
 */
export type StartFailure = "permanent" | "timed-out" | "temporary";

/** The properties of an error in addition to its code and message. */
export interface SnakepitErrorOptions {
  /** The wrapped error. Default: the cause of the Python exception, or `hostException`. */
  readonly cause?: unknown;
  /** Further details, safe to log; the keys depend on the code and are documented with it. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The Python exception that caused the error. */
  readonly python?: PythonFailure;
  /** The exception of a host tool that caused the error, directly or in a nested call. */
  readonly hostException?: HostException;
  /** Name of the pool. */
  readonly pool?: string;
  /** ID of the worker. */
  readonly workerId?: string;
  /** Correlation ID of the call. */
  readonly callId?: string;
  /** The session of the call. */
  readonly sessionId?: string;
  /** ID of the trace of the call. */
  readonly traceId?: string;
  /** The kind of a failed worker start. */
  readonly startFailure?: StartFailure;
  /** Overrides {@link SnakepitError.retryable}, whose default depends on the code. */
  readonly retryable?: boolean;
}

/** Marks the instances of all copies of this class. A process may load several copies or versions of the package. */
const MARKER = Symbol.for("@snakepit/core/SnakepitError");
/** See https://nodejs.org/api/util.html#utilinspectcustom. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * The error class of all Snakepit packages. `instanceof SnakepitError` is also true for errors of another installed
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
    // Node.js prints the name of the class, which bundlers change.
    Object.defineProperty(SnakepitError, "name", { value: "SnakepitError" });
    // Subclasses inherit this method; `this` is then the subclass, to which only its own instances belong.
    Object.defineProperty(SnakepitError, Symbol.hasInstance, {
      value(this: unknown, value: unknown): boolean {
        if (this !== SnakepitError) return Function.prototype[Symbol.hasInstance].call(this, value);
        return isNativeError(value) && MARKER in value;
      },
    });
  }

  override readonly name = "SnakepitError";
  /** The kind of failure; stable across versions. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed if it is repeated unchanged. */
  readonly retryable: boolean;
  /** Further details, safe to log. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The Python exception, for `PYTHON_EXCEPTION` and for start failures that Python reported. */
  declare readonly python?: PythonFailure;
  /**
   * The exception of a host tool, for `HOST_TOOL_EXCEPTION` and for a Python exception that it caused. Not sent to gRPC
   * clients.
   */
  declare readonly hostException?: HostException;
  declare readonly pool?: string;
  declare readonly workerId?: string;
  declare readonly callId?: string;
  /** The session of the failed call; absent for calls without a session. */
  declare readonly sessionId?: string;
  /** ID of the trace to which the call belongs: 32 hexadecimal digits. Absent if the call was not traced. */
  declare readonly traceId?: string;
  /** The kind of a failed worker start; absent for other errors. */
  declare readonly startFailure?: StartFailure;

  constructor(code: ErrorCode, message: string, options: SnakepitErrorOptions = {}) {
    const cause = options.cause ?? causeOf(options);
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
    // Not enumerable, because Node.js would print the tracebacks again, as escaped strings; the stack contains them.
    if (options.python !== undefined) Object.defineProperty(this, "python", { value: options.python });
    if (options.hostException !== undefined) {
      Object.defineProperty(this, "hostException", { value: options.hostException });
    }
    if (options.pool !== undefined) this.pool = options.pool;
    if (options.workerId !== undefined) this.workerId = options.workerId;
    if (options.callId !== undefined) this.callId = options.callId;
    if (options.sessionId !== undefined) this.sessionId = options.sessionId;
    if (options.traceId !== undefined) this.traceId = options.traceId;
    if (options.startFailure !== undefined) this.startFailure = options.startFailure;
    showPythonFrames(this);
  }

  /** The gRPC status that gRPC clients receive. */
  get grpcStatus(): GrpcStatus {
    return ERROR_CODES[this.code].grpcStatus;
  }

  /**
   * Returns what `console.error(error)` prints: the message, the Python traceback with its causes, the functions that
   * called, and the properties, without what the message contains already.
   */
  [INSPECT](depth: number, settings: InspectSettings, inspect: Inspect): unknown {
    // An object that only inherits from an error has no properties to print.
    return isNativeError(this) ? errorText(this, depth, settings, inspect) : this;
  }

  /** Returns the fields of the error for structured logs. */
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
      sessionId: this.sessionId,
      traceId: this.traceId,
      startFailure: this.startFailure,
      stack: this.stack,
    };
  }
}

/**
 * Adds the trace of a call to its error. An error without a call may belong to several, and stays as it is.
 *
 * @param traceparent the W3C trace context of the call; `undefined` if it was not traced.
 */
export function addTrace(error: SnakepitError, traceparent: string | undefined): void {
  if (traceparent === undefined || error.callId === undefined) return;
  const traceId = readTraceparent(traceparent)?.traceId;
  if (traceId !== undefined) Object.assign(error, { traceId });
}

const settled = Promise.resolve();

/**
 * Returns a rejected promise whose error has the stack of the awaiting functions. The error of a call is created when
 * the response arrives, where the stack does not contain the caller. V8 can add the awaiting functions, but only in a
 * microtask that leads to their promise (https://v8.dev/blog/fast-async). Resolve the caller's promise with the
 * returned one. Successful calls have no overhead.
 *
 * @example
 * const answer = new Promise((resolve) => observe((error) => resolve(rejectToCaller(error))));
 */
export function rejectToCaller(error: SnakepitError): Promise<never> {
  // Two turns, because the caller's promise is linked to this one during the first.
  return settled.then(noop).then(function rethrow(): never {
    const original = error.stack;
    Error.captureStackTrace(error, rethrow);
    if (!error.stack?.includes("\n    at ") && original !== undefined) error.stack = original;
    else showPythonFrames(error);
    throw error;
  });
}

/** Adds the frames of the Python exception to the stack. Must be called each time the stack has been captured. */
function showPythonFrames(error: SnakepitError): void {
  const { python } = error;
  // Reading the stack formats it, which is the most expensive part of creating an error.
  if (python === undefined) return;
  const { stack } = error;
  // With a custom `Error.prepareStackTrace`, the stack need not be a string.
  if (typeof stack === "string") error.stack = stackWithPython(stack, python);
}

/**
 * Returns the cause of a Python exception or of a host tool failure as an error. The exception of a host tool is the
 * innermost cause, after those of Python.
 */
function causeOf({ python, hostException }: SnakepitErrorOptions): Error | undefined {
  const cause = python?.cause;
  if (cause === undefined) return hostException && errorOfHostException(hostException);
  const message = cause.message === "" ? cause.type : `${cause.type}: ${cause.message}`;
  const error = new SnakepitError("PYTHON_EXCEPTION", message, {
    python: cause,
    ...(hostException && { hostException }),
  });
  // The stack of this process is that of the decoder.
  error.stack = stackWithPython(`${error.name}: ${error.message}`, cause);
  return error;
}

function noop(): void {}
