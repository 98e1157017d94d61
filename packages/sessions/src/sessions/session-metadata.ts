import { describeValue, isPlainObject, SnakepitError } from "@snakepit/core";
import { jsonProblem } from "../json/why-not-json.ts";

/** Facts about a session, as JSON: strings, numbers, booleans, null, arrays and objects of those. */
export type SessionMetadata = Readonly<Record<string, unknown>>;

/** Bytes of the metadata as JSON text. */
const MAX_BYTES = 65_536;

/**
 * A copy of the metadata that shares nothing with the original.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, whose `details` have the `path` to what is wrong and the `reason`: `type` when it
 *   is no object, `json` for what JSON cannot hold, `text` for one that not every database can hold, `size`.
 */
export function copyMetadata(metadata: unknown): SessionMetadata {
  if (!isPlainObject(metadata)) {
    throw invalid("metadata", "type", `the metadata of a session is an object, not ${describeValue(metadata)}`);
  }
  const unsuitable = jsonProblem(metadata, "metadata");
  if (unsuitable !== undefined) {
    const { path, problem } = unsuitable;
    throw invalid(path, "json", `${path} ${problem}, which JSON cannot hold`);
  }
  const unfit = jsonProblem(metadata, "metadata", whyNotStored);
  if (unfit !== undefined) throw invalid(unfit.path, "text", `${unfit.path} ${unfit.problem}; leave it out`);
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const message = `the metadata of a session has ${bytes} bytes and may have ${MAX_BYTES}; keep more in a program`;
    throw invalid("metadata", "size", message);
  }
  return JSON.parse(text) as SessionMetadata;
}

function whyNotStored(text: string): string | undefined {
  if (!text.isWellFormed()) return "contains half a surrogate pair, which not every database can hold";
  return text.includes("\0") ? "contains the character U+0000, which not every database can hold" : undefined;
}

function invalid(path: string, reason: "type" | "json" | "text" | "size", message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { path, reason } });
}
