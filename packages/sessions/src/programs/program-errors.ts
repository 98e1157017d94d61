import { describeValue, GLOBAL_SCOPE, SnakepitError } from "@snakepit/core";

/**
 * Returns the error of a program that does not exist in the scope.
 *
 * @param nearest the most similar ID.
 */
export function unknownProgram(id: string, scope: string, nearest: string | undefined): SnakepitError {
  const hint = nearest === undefined ? "store it first (programs.store)" : `did you mean "${nearest}"?`;
  return new SnakepitError("INVALID_ARGUMENT", `program "${id}" does not exist ${inScope(scope)}; ${hint}`, {
    details: { program: id, reason: "unknown" },
  });
}

/** Returns the error of a program that does not have the expected version. */
export function otherVersion(id: string, expected: number | undefined, version: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `program "${id}" has version ${version}, not ${expected}: it was changed concurrently; read it again, or use update()`,
    { details: { program: id, reason: "version", expected, version } },
  );
}

/** Returns the error of an `update()` without a function. */
export function noChange(id: string, change: unknown): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `program "${id}": the argument of update() must be a function of the current document; got ${describeValue(change)}; to store a document, use store()`,
    { details: { program: id } },
  );
}

/** Returns the error of a scope that has its maximum number of programs. */
export function tooManyPrograms(id: string, scope: string, programs: number, limit: number): SnakepitError {
  const option = scope === GLOBAL_SCOPE ? "maxGlobalPrograms" : "maxProgramsPerSession";
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `program "${id}" was not stored: ${programs} of ${limit} programs exist ${inScope(scope)} (sessions: { ${option} }); delete unused programs, or increase the limit`,
    { details: { program: id, programs, option, limit } },
  );
}

/** Returns the error of an invalid document. */
export function invalidDocument(id: string, reason: "json" | "size", message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { program: id, reason } });
}

/** Returns the error of an update that conflicted with other writers too often. */
export function tooMuchContention(id: string, attempts: number): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `program "${id}" was changed concurrently in each of ${attempts} attempts; retry later, or change it less often`,
    { details: { program: id, reason: "version", attempts } },
  );
}

/** Returns the error of a custom store that violates its contract. */
export function storeViolatesContract(kind: string, outcome: string | undefined): SnakepitError {
  return new SnakepitError(
    "INTERNAL",
    `the ${kind} store returned the outcome "${outcome}" for a single write, which violates its contract (StateStore.writeEntries)`,
    { details: { store: kind, outcome } },
  );
}

/** Returns the scope of a program for messages. */
export function inScope(scope: string): string {
  return scope === GLOBAL_SCOPE ? "in the global scope" : `in session "${scope}"`;
}
