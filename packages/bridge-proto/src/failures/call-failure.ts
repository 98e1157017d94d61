import {
  type ErrorCode,
  type HostException,
  isErrorCode,
  type PythonFailure,
  SnakepitError,
  type SnakepitErrorOptions,
} from "@snakepit/core";
import type {
  Failure,
  PythonFailure as WireException,
  HostException as WireHostException,
} from "../gen/snakepit/bridge/v1/failure.ts";

/** The pool, the worker and the call of a failure. */
export type FailureContext = Pick<SnakepitErrorOptions, "pool" | "workerId" | "callId" | "startFailure">;

/**
 * Decodes a failure from the wire.
 *
 * @param unknownCode replaces a code that this version does not know, which is then in `details.code`.
 */
export function errorOfFailure(
  failure: Failure | undefined,
  context: FailureContext,
  unknownCode: ErrorCode = "INTERNAL",
): SnakepitError {
  if (failure === undefined) return new SnakepitError("INTERNAL", "the worker failed without an error", context);
  const { code, message, python, hostException } = failure;
  const isKnown = isErrorCode(code);
  const details: Record<string, unknown> = {};
  for (const [key, json] of Object.entries(failure.details)) details[key] = parsedDetail(json);
  if (!isKnown) details["code"] = code;
  return new SnakepitError(isKnown ? code : unknownCode, message, {
    ...context,
    details,
    ...(python !== undefined && { python: exceptionOf(python) }),
    ...(hostException !== undefined && { hostException: hostExceptionOf(hostException) }),
  });
}

/** Encodes an error for the wire. */
export function failureOfError(error: SnakepitError): Failure {
  const details: Record<string, string> = {};
  for (const [key, value] of Object.entries(error.details)) details[key] = detailText(value);
  return {
    code: error.code,
    message: error.message,
    python: error.python === undefined ? undefined : wireException(error.python),
    details,
    hostException: error.hostException === undefined ? undefined : wireHostException(error.hostException),
  };
}

function exceptionOf(wire: WireException): PythonFailure {
  const { type, module, message, traceback, notes, cause } = wire;
  const exception = { type, module, message, traceback, notes };
  return cause === undefined ? exception : { ...exception, cause: exceptionOf(cause) };
}

function wireException(exception: PythonFailure): WireException {
  const { type, module, message, traceback, notes, cause } = exception;
  return {
    type,
    module,
    message,
    traceback,
    notes: [...notes],
    cause: cause === undefined ? undefined : wireException(cause),
  };
}

function hostExceptionOf({ name, message, stack, cause }: WireHostException): HostException {
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: hostExceptionOf(cause) }),
  };
}

function wireHostException({ name, message, stack, cause }: HostException): WireHostException {
  return { name, message, stack, cause: cause === undefined ? undefined : wireHostException(cause) };
}

/** Details must be JSON; an invalid detail is kept as a string instead of being lost. */
function parsedDetail(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function detailText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    // The value contains a big integer or a cycle.
    return JSON.stringify(String(value));
  }
}
