import { describeValue, SnakepitError } from "@snakepit/core";
import { isPlainObject, whyNotJson } from "../json/why-not-json.ts";

/** Facts about a variable for whoever lists them, as JSON. */
export type VariableMetadata = Readonly<Record<string, unknown>>;

const MAX_ENTRIES = 32;
const MAX_BYTES = 4_096;

/**
 * Accepts what JSON can hold, with at most 32 entries and 4,096 bytes of it.
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
  if (!isPlainObject(metadata)) return `metadata is ${describeValue(metadata)} and not an object`;
  const objection = whyNotJson(metadata, "metadata");
  if (objection !== undefined) return `${objection}, which JSON cannot hold`;
  const entries = Object.keys(metadata).length;
  if (entries > MAX_ENTRIES) return `metadata has ${entries} entries and may have ${MAX_ENTRIES}`;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > MAX_BYTES ? `metadata has ${bytes} bytes as JSON and may have ${MAX_BYTES}` : undefined;
}
