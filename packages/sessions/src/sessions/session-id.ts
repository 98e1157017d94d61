import { randomUUID } from "node:crypto";
import { describeValue, SnakepitError } from "@snakepit/core";

/** The maximum length of a session's ID, in characters. An index of every supported database holds it in any script. */
const MAX_LENGTH = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an ID must not contain them.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** Returns a new ID for a session that is created without one. */
export function newSessionId(): string {
  return randomUUID();
}

/**
 * Accepts a string of 1 to 256 characters without control characters.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkSessionId(id: unknown): asserts id is string {
  const problem = problemOf(id);
  if (problem === undefined) return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the ID of a session must be a string of 1 to ${MAX_LENGTH} characters; got ${problem}`,
    { details: { sessionId: typeof id === "string" ? id.slice(0, MAX_LENGTH) : typeof id } },
  );
}

function problemOf(id: unknown): string | undefined {
  if (typeof id !== "string") return describeValue(id);
  if (id === "") return "an empty string";
  if (id.length > MAX_LENGTH) return `one of ${id.length} characters`;
  if (CONTROL_CHARACTER.test(id)) return "one with a control character";
  if (!id.isWellFormed()) return "one with a lone surrogate";
  return undefined;
}
