import { describeValue, SnakepitError } from "@snakepit/core";

/** Characters of a program's id. */
const MAX_LENGTH = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in an id.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Accepts a text of 1 to 256 characters without control characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkProgramId(id: unknown): asserts id is string {
  const objection = objectionTo(id);
  if (objection === undefined) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the id of a program is a text of 1 to ${MAX_LENGTH} characters, and this one ${objection}`,
    { details: { program: typeof id === "string" ? id.slice(0, MAX_LENGTH) : null, reason: "id" } },
  );
}

/**
 * Accepts a pattern in which `*` stands for any text and `?` for one character.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkIdPattern(pattern: unknown): asserts pattern is string {
  if (typeof pattern === "string") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `a pattern for the ids of programs is a text, such as "prompt-*", not ${describeValue(pattern)}`,
    { details: { reason: "id" } },
  );
}

function objectionTo(id: unknown): string | undefined {
  if (typeof id !== "string") return `is ${describeValue(id)}`;
  if (id === "") return "is empty";
  if (id.length > MAX_LENGTH) return `has ${id.length}`;
  if (CONTROL_CHARACTER.test(id)) return "contains a control character";
  if (!id.isWellFormed()) return "contains half a surrogate pair";
  return undefined;
}
