import { describeValue, SnakepitError } from "@snakepit/core";

/** The maximum length of the ID of a program, in characters. */
const MAX_LENGTH = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an ID must not contain them.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Accepts a string of 1 to 256 characters without control characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkProgramId(id: unknown): asserts id is string {
  const problem = problemWith(id);
  if (problem === undefined) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the ID of a program must be a string of 1 to ${MAX_LENGTH} characters; got ${problem}`,
    { details: { program: typeof id === "string" ? id.slice(0, MAX_LENGTH) : null, reason: "id" } },
  );
}

/**
 * Accepts a pattern in which `*` stands for any characters and `?` for one.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkIdPattern(pattern: unknown): asserts pattern is string {
  if (typeof pattern === "string") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `a pattern for the IDs of programs must be a string, such as "prompt-*"; got ${describeValue(pattern)}`,
    { details: { reason: "id" } },
  );
}

function problemWith(id: unknown): string | undefined {
  if (typeof id !== "string") return describeValue(id);
  if (id === "") return "an empty string";
  if (id.length > MAX_LENGTH) return `one of ${id.length} characters`;
  if (CONTROL_CHARACTER.test(id)) return "one with a control character";
  if (!id.isWellFormed()) return "one with a lone surrogate";
  return undefined;
}
