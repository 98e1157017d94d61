import { describeValue, isPlainObject, SnakepitError } from "@snakepit/core";
import { jsonProblem } from "../json/why-not-json.ts";

/** The metadata of a session, as JSON: strings, numbers, booleans, null, and arrays and objects of these. */
export type SessionMetadata = Readonly<Record<string, unknown>>;

/** The maximum size of the metadata, in bytes of JSON. */
const MAX_BYTES = 65_536;

/**
 * Returns a deep copy of the metadata.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`; `details` contains the `path` of the invalid value and the `reason`: `type`
 *   if the metadata is not an object, `json` for a value that JSON cannot represent, `text` for a string that not every
 *   database can store, `size`.
 */
export function copyMetadata(metadata: unknown): SessionMetadata {
  if (!isPlainObject(metadata)) {
    throw invalid("metadata", "type", `the metadata of a session must be an object; got ${describeValue(metadata)}`);
  }
  const notJson = jsonProblem(metadata, "metadata");
  if (notJson !== undefined) {
    const { path, problem } = notJson;
    throw invalid(path, "json", `${path} ${problem}, which JSON cannot represent`);
  }
  const notStorable = jsonProblem(metadata, "metadata", whyNotStored);
  if (notStorable !== undefined)
    throw invalid(notStorable.path, "text", `${notStorable.path} ${notStorable.problem}; omit it`);
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const message = `the metadata of a session must have at most ${MAX_BYTES} bytes; got ${bytes}; store large data in a program`;
    throw invalid("metadata", "size", message);
  }
  return JSON.parse(text) as SessionMetadata;
}

function whyNotStored(value: string): string | undefined {
  if (!value.isWellFormed()) return "contains a lone surrogate, which not every database can store";
  return value.includes("\0") ? "contains the character U+0000, which not every database can store" : undefined;
}

function invalid(path: string, reason: "type" | "json" | "text" | "size", message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { path, reason } });
}
