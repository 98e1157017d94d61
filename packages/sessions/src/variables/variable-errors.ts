import { describeValue, SnakepitError } from "@snakepit/core";

/** @param nearest the known name that is most similar. */
export function unknownVariable(name: string, sessionId: string, nearest: string | undefined): SnakepitError {
  const hint = nearest === undefined ? "register it first (variables.register)" : `did you mean "${nearest}"?`;
  return new SnakepitError("INVALID_ARGUMENT", `variable "${name}" does not exist in session "${sessionId}"; ${hint}`, {
    details: { variable: name, reason: "unknown" },
  });
}

export function variableExists(name: string, sessionId: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" already exists in session "${sessionId}"; use set(), or delete() it before you register it again`,
    { details: { variable: name, reason: "exists" } },
  );
}

export function otherVersion(name: string, expected: number, version: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" has version ${version}, not ${expected}: it was changed concurrently; read it again, or use update()`,
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
    `variable "${name}": version must be an integer from describe(); got ${describeValue(version)}`,
    { details: { variable: name, reason: "version" } },
  );
}

export function namedTwice(name: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `variable "${name}" occurs twice in the batch; set it once`, {
    details: { variable: name, reason: "batch" },
  });
}

/** The error of a write that was not made because another write of its atomic batch failed. */
export function notSet(name: string, cause: SnakepitError): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" was not set, because another write of its atomic batch failed: ${cause.message}`,
    { details: { variable: name, reason: "batch" }, cause },
  );
}

export function tooManyVariables(name: string, sessionId: string, variables: number, limit: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `variable "${name}" was not registered: session "${sessionId}" has ${variables} of ${limit} variables (sessions: { maxVariablesPerSession }); delete unused variables, or increase the limit`,
    { details: { variable: name, variables, option: "maxVariablesPerSession", limit } },
  );
}

/** The error of a change that conflicted with other writers too often. */
export function tooMuchContention(name: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `variable "${name}" was changed concurrently in each of ${attempts} attempts; retry later, or change it less often`,
    { details: { variable: name, reason: "version", attempts } },
  );
}

/** The error of a watch whose signal aborted. */
export function watchCancelled(sessionId: string, cause: unknown): SnakepitError {
  return new SnakepitError("CANCELLED", `the watch of variables of session "${sessionId}" was cancelled`, { cause });
}
