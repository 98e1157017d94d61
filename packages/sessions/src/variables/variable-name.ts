import { describeValue, SnakepitError } from "@snakepit/core";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_\-.]*$/;
const MAX_LENGTH = 64;
/** Longer than any useful pattern for such names. */
const MAX_PATTERN_LENGTH = 256;

/**
 * Accepts `^[A-Za-z0-9][A-Za-z0-9_\-.]*$` with at most 64 characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableName(name: unknown): asserts name is string {
  if (typeof name === "string" && name.length <= MAX_LENGTH && NAME.test(name)) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the name of a variable must be 1 to ${MAX_LENGTH} letters, digits, "_", "-" or "." (ASCII) and begin with a letter or digit; got ${describeValue(name)}`,
    { details: { reason: "name" } },
  );
}

const WILDCARD = /[*?]/;
/** Patterns that at least one name can match. */
const WATCHABLE = /^[A-Za-z0-9*?][A-Za-z0-9_\-.*?]*$/;

/**
 * Accepts the name of a variable, existing or not, or a pattern that a name can match. A watch of anything else would
 * wait forever.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWatchedName(name: unknown): asserts name is string {
  if (typeof name !== "string") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `watch() requires the name of a variable, an array of names, or a pattern such as "model.*"; got ${describeValue(name)}`,
      { details: { reason: "name" } },
    );
  }
  if (!WILDCARD.test(name)) return checkVariableName(name);
  checkNamePattern(name);
  if (WATCHABLE.test(name)) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `no name of a variable can match ${describeValue(name)}; names are letters, digits, "_", "-" and "." (ASCII) and begin with a letter or digit; in a pattern "*" matches any characters and "?" one`,
    { details: { reason: "name" } },
  );
}

/**
 * Accepts a pattern in which `*` matches any characters and `?` matches one.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkNamePattern(pattern: unknown): asserts pattern is string {
  if (typeof pattern === "string" && pattern.length <= MAX_PATTERN_LENGTH) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `a pattern for names of variables must be a string of at most ${MAX_PATTERN_LENGTH} characters, such as "model.*"; got ${describeValue(pattern)}`,
    { details: { reason: "name" } },
  );
}
