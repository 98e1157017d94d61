import { SnakepitError } from "@snakepit/core";

/** Facts about a session, as JSON: texts, numbers, booleans, null, lists and objects of those. */
export type SessionMetadata = Readonly<Record<string, unknown>>;

/** Bytes of the metadata as JSON text. */
const MAX_BYTES = 65_536;

/**
 * A copy of the metadata that shares nothing with the original.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` with the path to what JSON cannot hold, or the size.
 */
export function copyMetadata(metadata: unknown): SessionMetadata {
  if (!isPlainObject(metadata)) throw invalid(`the metadata of a session is ${show(metadata)}, not an object`);
  refuseUnlessJson(metadata, "metadata", 0);
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw invalid(`the metadata of a session has ${bytes} bytes and may have ${MAX_BYTES}; keep more in a program`);
  }
  return JSON.parse(text) as SessionMetadata;
}

function refuseUnlessJson(value: unknown, path: string, depth: number): void {
  if (depth > 100) throw invalid(`${path} lies deeper than 100 levels`);
  switch (typeof value) {
    case "string":
      if (value.isWellFormed() && !value.includes("\0")) return;
      throw invalid(`${path} contains a character that a database cannot hold`);
    case "boolean":
      return;
    case "number":
      if (Number.isFinite(value)) return;
      throw invalid(`${path} is ${value}, which JSON cannot hold`);
    case "object":
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const [index, each] of value.entries()) refuseUnlessJson(each, `${path}[${index}]`, depth + 1);
        return;
      }
      if (isPlainObject(value)) {
        for (const [name, each] of Object.entries(value)) {
          refuseUnlessJson(name, `a name in ${path}`, depth + 1);
          refuseUnlessJson(each, `${path}.${name}`, depth + 1);
        }
        return;
      }
      throw invalid(`${path} is ${show(value)}, which JSON cannot hold; keep such values in a variable`);
    default:
      throw invalid(`${path} is ${show(value)}, which JSON cannot hold`);
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function show(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? `a ${value.constructor?.name ?? "object"}` : `of type ${typeof value}`;
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
