import { describeValue, SnakepitError } from "@snakepit/core";
import { isPlainObject, whyNotJson } from "../json/why-not-json.ts";

/** Metadata of a variable, as JSON. */
export type VariableMetadata = Readonly<Record<string, unknown>>;

const MAX_ENTRIES = 32;
const MAX_BYTES = 4_096;

/**
 * Accepts a JSON object of at most 32 entries and 4,096 bytes.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkVariableMetadata(name: string, metadata: unknown): asserts metadata is VariableMetadata {
  const problem = problemWith(metadata);
  if (problem === undefined) return;
  throw new SnakepitError("INVALID_ARGUMENT", `variable "${name}": ${problem}`, {
    details: { variable: name, reason: "metadata" },
  });
}

function problemWith(metadata: unknown): string | undefined {
  if (!isPlainObject(metadata)) return `metadata must be an object; got ${describeValue(metadata)}`;
  const problem = whyNotJson(metadata, "metadata");
  if (problem !== undefined) return `${problem}, which JSON cannot represent`;
  const entries = Object.keys(metadata).length;
  if (entries > MAX_ENTRIES) return `metadata must have at most ${MAX_ENTRIES} entries; got ${entries}`;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > MAX_BYTES ? `metadata must have at most ${MAX_BYTES} bytes as JSON; got ${bytes}` : undefined;
}
