import { randomUUID } from "node:crypto";
import { describeValue, SnakepitError } from "@snakepit/core";

/** Characters of a session's id; so many fit into the index of every database, whatever the script. */
const MAX_LENGTH = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in an id.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** An id for a session whose caller has none in mind. */
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
    `the id of a session must be a string of 1 to ${MAX_LENGTH} characters; this one ${problem}`,
    { details: { sessionId: typeof id === "string" ? id.slice(0, MAX_LENGTH) : typeof id } },
  );
}

function problemOf(id: unknown): string | undefined {
  if (typeof id !== "string") return `is ${describeValue(id)}`;
  if (id === "") return "is empty";
  if (id.length > MAX_LENGTH) return `has ${id.length}`;
  if (CONTROL_CHARACTER.test(id)) return "contains a control character";
  if (!id.isWellFormed()) return "contains half a surrogate pair";
  return undefined;
}
