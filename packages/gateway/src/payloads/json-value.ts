import { SnakepitError } from "@snakepit/core";
import { notJson, tooLargeForJson } from "./json-errors.ts";
import { listsOfNumbers } from "./json-numbers.ts";

/** Objects and arrays within each other that JSON text may have here; deeper ones would exhaust the stack. */
const MAX_DEPTH = 500;

/**
 * A value as JSON text, exactly or not at all: what JSON cannot hold is an error and never silently something else. Arrays
 * of numbers are lists, nested as their shape says.
 *
 * @param root what it is called in messages.
 * @throws SnakepitError `SERIALIZATION` with the path to what JSON cannot hold, `PAYLOAD_TOO_LARGE`.
 */
export function encodeJson(value: unknown, root: string, maxBytes: number): Buffer {
  const body = Buffer.from(JSON.stringify(plain(value, root, 0, maxBytes)));
  if (body.byteLength > maxBytes) throw tooLargeForJson(root, `${body.byteLength} bytes as JSON`, maxBytes);
  return body;
}

/**
 * The value of JSON text.
 *
 * @param what it is called in messages.
 * @throws SnakepitError `INVALID_ARGUMENT` when it is not JSON in UTF-8.
 */
export function decodeJson(text: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SnakepitError("INVALID_ARGUMENT", `${what} cannot be read as JSON: ${reason}`, { cause: thrown });
  }
}

/** The value as JSON.stringify takes it; the same one, unless something in it has to become something else. */
function plain(value: unknown, path: string, depth: number, maxBytes: number): unknown {
  if (depth > MAX_DEPTH) throw notJson(path, `something nested deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw notJson(path, String(value));
      return value;
    case "bigint":
      if (!Number.isSafeInteger(Number(value))) throw notJson(path, "an integer beyond 2^53");
      return Number(value);
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) {
        return Array.from(value, (each, index) => plain(each, `${path}[${index}]`, depth + 1, maxBytes));
      }
      if (ArrayBuffer.isView(value)) return listsOfNumbers(value, path, maxBytes);
      return plainObject(value, path, depth, maxBytes);
    default:
      throw notJson(path, `a ${typeof value}`);
  }
}

function plainObject(value: object, path: string, depth: number, maxBytes: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw notJson(path, `a ${value.constructor?.name}`);
  const entries = Object.entries(value);
  // Not by assignment: a key may be __proto__.
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each, `${path}.${key}`, depth + 1, maxBytes)]));
}
