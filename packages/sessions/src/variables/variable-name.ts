import { describeValue, SnakepitError } from "@snakepit/core";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_\-.]*$/;
const MAX_LENGTH = 64;
/** Longer than any pattern that says something about such names. */
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
    `the name of a variable begins with a letter or a digit and goes on with letters, digits, _, - and . (ASCII), ${MAX_LENGTH} at most; ${describeValue(name)} is none`,
    { details: { reason: "name" } },
  );
}

const WILDCARD = /[*?]/;
/** What a pattern that some name can match begins with, and consists of. */
const WATCHABLE = /^[A-Za-z0-9*?][A-Za-z0-9_\-.*?]*$/;

/**
 * Accepts the name of a variable, also of one that is not there yet, or a pattern that some name can match. Whoever waited
 * for another one would do so for ever.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWatchedName(name: unknown): asserts name is string {
  if (typeof name !== "string") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `watch() takes the name of a variable, a list of names, or a pattern such as "model.*", not ${describeValue(name)}`,
      { details: { reason: "name" } },
    );
  }
  if (!WILDCARD.test(name)) return checkVariableName(name);
  checkNamePattern(name);
  if (WATCHABLE.test(name)) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `no variable can have a name that matches ${describeValue(name)}: names begin with a letter or a digit and go on with letters, digits, _, - and . (ASCII); in a pattern * stands for any text and ? for one character`,
    { details: { reason: "name" } },
  );
}

/**
 * Accepts a pattern in which `*` stands for any text and `?` for one character.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkNamePattern(pattern: unknown): asserts pattern is string {
  if (typeof pattern === "string" && pattern.length <= MAX_PATTERN_LENGTH) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `a pattern for the names of variables is a text of at most ${MAX_PATTERN_LENGTH} characters, such as "model.*", not ${describeValue(pattern)}`,
    { details: { reason: "name" } },
  );
}
