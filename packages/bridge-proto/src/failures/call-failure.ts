import { isErrorCode, type PythonFailure, SnakepitError, type SnakepitErrorOptions } from "@snakepit/core";
import type { Failure, PythonFailure as WireException } from "../gen/snakepit/bridge/v1/failure.ts";

/** Whom a failure from a worker concerns. */
export type FailureContext = Pick<SnakepitErrorOptions, "pool" | "workerId" | "callId" | "startFailure">;

/**
 * The error that a failure on the wire stands for. A code that this version does not know becomes `INTERNAL`, with
 * the code in `details.code`.
 */
export function errorOfFailure(failure: Failure | undefined, context: FailureContext): SnakepitError {
  if (failure === undefined) return new SnakepitError("INTERNAL", "the worker failed without a reason", context);
  const known = isErrorCode(failure.code);
  const details: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(failure.details)) details[key] = parsedDetail(text);
  if (!known) details["code"] = failure.code;
  return new SnakepitError(isErrorCode(failure.code) ? failure.code : "INTERNAL", failure.message, {
    ...context,
    details,
    ...(failure.python === undefined ? {} : { python: exceptionOf(failure.python) }),
  });
}

/** What an error becomes on the wire. */
export function failureOfError(error: SnakepitError): Failure {
  const details: Record<string, string> = {};
  for (const [key, value] of Object.entries(error.details)) details[key] = detailText(value);
  return {
    code: error.code,
    message: error.message,
    python: error.python === undefined ? undefined : wireException(error.python),
    details,
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

/** Details are JSON by contract; one that is not is better shown than lost. */
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
    // A big integer or a cycle.
    return JSON.stringify(String(value));
  }
}
