import { describeValue, SnakepitError } from "@snakepit/core";

/** @param nearest the name that was most likely meant. */
export function unknownVariable(name: string, sessionId: string, nearest: string | undefined): SnakepitError {
  const hint = nearest === undefined ? "register it first (variables.register)" : `did you mean "${nearest}"?`;
  return new SnakepitError("INVALID_ARGUMENT", `there is no variable "${name}" in session "${sessionId}"; ${hint}`, {
    details: { variable: name, reason: "unknown" },
  });
}

export function variableExists(name: string, sessionId: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `there is a variable "${name}" in session "${sessionId}" already; set() it, or delete() it before it is registered anew`,
    { details: { variable: name, reason: "exists" } },
  );
}

export function otherVersion(name: string, expected: number, version: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" has version ${version} and not ${expected}: somebody has changed it; read it again, or use update()`,
    { details: { variable: name, reason: "version", expected, version } },
  );
}

export function invalidVersion({
  name,
  version,
}: {
  readonly name: string;
  readonly version?: unknown;
}): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}": a version is a whole number, as describe() tells it, not ${describeValue(version)}`,
    { details: { variable: name, reason: "version" } },
  );
}

export function namedTwice(name: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `variable "${name}" is in the batch twice; set it once`, {
    details: { variable: name, reason: "batch" },
  });
}

/** Of an atomic batch: it would have been set, and another could not be. */
export function notSet(name: string, cause: SnakepitError): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" was not set, because another of its atomic batch could not be: ${cause.message}`,
    { details: { variable: name, reason: "batch" }, cause },
  );
}

export function tooManyVariables(name: string, sessionId: string, variables: number, limit: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `variable "${name}" cannot be registered: session "${sessionId}" has ${variables} variables and may have ${limit} (sessions: { maxVariablesPerSession }); delete those that are no longer needed, or raise the limit`,
    { details: { variable: name, variables, option: "maxVariablesPerSession", limit } },
  );
}

/** Somebody else has been faster too often. */
export function tooMuchContention(name: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" was changed by others each of the ${attempts} times that this change was tried; try again later, change it less often, or in fewer places`,
    { details: { variable: name, reason: "version", attempts } },
  );
}

/** The consumer of a watch has given it up by its signal. */
export function watchCancelled(sessionId: string, cause: unknown): SnakepitError {
  return new SnakepitError("CANCELLED", `watching variables of session "${sessionId}" was given up`, { cause });
}
