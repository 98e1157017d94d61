import { isNdArray, nestElements, type TypedArray } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";

/** The nesting limit of objects and arrays. Deeper nesting would exhaust the stack. */
const MAX_DEPTH = 500;

/** The dtypes of arrays whose elements are numbers or booleans in JavaScript. */
const NUMBERS = /^(bool|u?int(8|16|32|64)|float(32|64))$/;

/**
 * Encodes a value as JSON. A value that JSON cannot represent is an error; it is never converted silently. Arrays of
 * numbers become lists, nested according to their shape.
 *
 * @param root the name of the value in messages.
 * @throws SnakepitError `SERIALIZATION` with the path to what JSON cannot represent, `PAYLOAD_TOO_LARGE`.
 */
export function encodeJson(value: unknown, root: string, maxBytes: number): Buffer {
  const body = Buffer.from(JSON.stringify(plain(value, root, 0, maxBytes)));
  if (body.byteLength > maxBytes) throw tooLargeForJson(root, `${body.byteLength} bytes as JSON`, maxBytes);
  return body;
}

/**
 * Decodes JSON.
 *
 * @param what the name of the value in messages.
 * @throws SnakepitError `INVALID_ARGUMENT` when it is not JSON in UTF-8.
 */
export function decodeJson(json: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SnakepitError("INVALID_ARGUMENT", `${what} must be JSON in UTF-8: ${reason}`, { cause: thrown });
  }
}

/** Returns a value that JSON.stringify can encode: arrays of numbers become lists, and bigints become numbers. */
function plain(value: unknown, path: string, depth: number, maxBytes: number): unknown {
  if (depth > MAX_DEPTH) throw notJson(path, `nested deeper than ${MAX_DEPTH} levels`);
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
  // Assigning a key __proto__ would set the prototype.
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each, `${path}.${key}`, depth + 1, maxBytes)]));
}

/**
 * Returns an array of numbers as nested lists, according to its shape.
 *
 * @throws SnakepitError `SERIALIZATION` when it has an element that JSON cannot represent,
 *   `PAYLOAD_TOO_LARGE`.
 */
function listsOfNumbers(array: ArrayBufferView, path: string, maxBytes: number): unknown {
  const elements = numbersIn(array, path);
  const shape = isNdArray(array) ? array.shape : [elements.length];
  // Each element takes at least two bytes, so a list that is too large is rejected before it is built.
  const parts = shape.reduce((product, size) => product * Math.max(size, 1), 1);
  if (parts * 2 > maxBytes) throw tooLargeForJson(path, `${parts} numbers`, maxBytes);
  const areBooleans = isNdArray(array) && array.dtype === "bool";
  const flat = Array.from(elements, (element, index) => {
    const number = Number(element);
    if (!Number.isFinite(number)) throw notJson(path + position(index, shape), String(element));
    if (typeof element === "bigint" && !Number.isSafeInteger(number)) {
      throw notJson(path + position(index, shape), "an integer beyond 2^53");
    }
    return areBooleans ? number !== 0 : number;
  });
  return nestElements(flat, shape);
}

function numbersIn(array: ArrayBufferView, path: string): ArrayLike<number | bigint> {
  if (isNdArray(array)) {
    if (NUMBERS.test(array.dtype)) return array;
    // Without Float16Array in JavaScript, the elements are raw bits.
    if (array.dtype === "float16" && array[Symbol.toStringTag] === "Float16Array") return array;
    throw notJson(path, `an array of ${array.dtype}`);
  }
  const isBytes = array instanceof DataView || (array as TypedArray)[Symbol.toStringTag] === "Uint8Array";
  if (isBytes) throw notJson(path, "bytes");
  return array as TypedArray;
}

/** Returns the position of an element, such as `[1][2]`. */
function position(index: number, shape: readonly number[]): string {
  let path = "";
  let rest = index;
  for (const size of shape.toReversed()) {
    path = `[${rest % size}]${path}`;
    rest = Math.floor(rest / size);
  }
  return path;
}

function notJson(path: string, what: string): SnakepitError {
  return new SnakepitError(
    "SERIALIZATION",
    `${path} is ${what}, which JSON cannot represent; request or offer the tool in MessagePack`,
    { details: { path } },
  );
}

function tooLargeForJson(path: string, size: string, maxBytes: number): SnakepitError {
  return new SnakepitError("PAYLOAD_TOO_LARGE", `${path} must have at most ${maxBytes} bytes; got ${size}`);
}
