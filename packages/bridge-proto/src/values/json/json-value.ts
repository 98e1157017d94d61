import { formatPath, mustBe, type PathStep, SnakepitError } from "@snakepit/core";
import type { TypedArray } from "../extensions/dtype.ts";
import { MAX_SENT_DEPTH } from "../extensions/extension.ts";
import { isNdArray, ndarray } from "../extensions/ndarray.ts";
import { jsonInteger, jsonNumber, type LargeIntegers, nestedLists } from "./nested-lists.ts";

/** The options of {@link jsonValue}. */
export interface JsonValueOptions {
  /**
   * How integers beyond 2^53 are converted, which a JavaScript number cannot represent exactly. `"string"` (default):
   * to a string of digits. `"number"`: to the nearest number. `"error"`: a `SERIALIZATION` error. Smaller integers are
   * always numbers.
   */
  readonly bigint?: LargeIntegers;
}

/**
 * Converts a value from Python for `JSON.stringify`, `Response.json` and the `res.json` of web frameworks: numpy arrays
 * to nested arrays, bytes to Base64, sets to arrays, a `Map` to an object (or, if a key is neither a string nor a
 * number, to an array of pairs), dates, UUIDs and decimals to strings, `NaN` and `±Infinity` to `null`.
 *
 * @param value a result, a chunk, or a part of one.
 * @throws SnakepitError `SERIALIZATION` with the path of a part that JSON cannot represent; `INVALID_ARGUMENT` for an
 *   unknown option.
 * @example
 * res.json(jsonValue(await pit.execute("describe", { image })));
 */
export function jsonValue(value: unknown, options: JsonValueOptions = {}): unknown {
  return convert(value, largeIntegers(options), []);
}

function largeIntegers(options: unknown): LargeIntegers {
  // A number is the index in `results.map(jsonValue)`.
  if (typeof options === "number") return "string";
  if (typeof options !== "object" || options === null) {
    throw invalid(mustBe("the options of jsonValue()", "an object", options, 'write { bigint: "string" }'));
  }
  const other = Object.keys(options).find((name) => name !== "bigint");
  if (other !== undefined) throw invalid(`${other} is not an option of jsonValue(); its option is bigint`);
  const { bigint = "string" } = options as JsonValueOptions;
  if (LARGE_INTEGERS.includes(bigint)) return bigint;
  throw invalid(mustBe("bigint", '"string", "number" or "error"', bigint));
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}

const LARGE_INTEGERS: readonly unknown[] = ["error", "number", "string"] satisfies LargeIntegers[];

function convert(value: unknown, bigint: LargeIntegers, path: readonly PathStep[]): unknown {
  switch (typeof value) {
    case "number":
      return jsonNumber(value);
    case "bigint":
      return at(path, () => jsonInteger(value, bigint));
    case "object":
      return value === null ? null : convertObject(value, bigint, path);
    case "function":
    case "symbol":
      throw serializationError(path, `JSON cannot represent a ${typeof value}; convert it to a string`);
    default:
      return value;
  }
}

function convertObject(value: object, bigint: LargeIntegers, path: readonly PathStep[]): unknown {
  if (path.length > MAX_SENT_DEPTH) {
    throw serializationError(path, `the value is nested deeper than ${MAX_SENT_DEPTH} levels; flatten it`);
  }
  if (value instanceof Promise) throw serializationError(path, "JSON cannot represent a Promise; await it first");
  if (Array.isArray(value)) return value.map((each, index) => convert(each, bigint, [...path, index]));
  if (ArrayBuffer.isView(value)) return at(path, () => arrayOrBytes(value, bigint));
  if (value instanceof Set) return Array.from(value, (each, index) => convert(each, bigint, [...path, index]));
  if (value instanceof Map) return convertMap(value, bigint, path);
  if (hasToJson(value)) return convert(value.toJSON(), bigint, path);
  // Not an assignment, because a key may be __proto__.
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each, bigint, [...path, key])]));
}

function convertMap(map: ReadonlyMap<unknown, unknown>, bigint: LargeIntegers, path: readonly PathStep[]): unknown {
  const names = Array.from(map.keys(), (key) => (typeof key === "number" ? String(key) : key));
  if (names.every((name) => typeof name === "string") && new Set(names).size === map.size) {
    const entries = [...map.values()].map((each, index) => {
      const name = names[index] as string;
      return [name, convert(each, bigint, [...path, name])] as const;
    });
    return Object.fromEntries(entries);
  }
  return Array.from(map, ([key, each], place) => [
    convert(key, bigint, [...path, { of: "keys", place }]),
    convert(each, bigint, [...path, { of: "values", place }]),
  ]);
}

function arrayOrBytes(view: ArrayBufferView, bigint: LargeIntegers): unknown {
  if (isNdArray(view)) return nestedLists(view, bigint);
  const isBytes = view instanceof DataView || (view as TypedArray)[Symbol.toStringTag] === "Uint8Array";
  if (isBytes) return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
  return nestedLists(ndarray(view as TypedArray), bigint);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** Returns the error for a part of the value. */
function at<T>(path: readonly PathStep[], work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof SnakepitError ? serializationError(path, thrown.message) : thrown;
  }
}

function serializationError(path: readonly PathStep[], problem: string): SnakepitError {
  const where = formatPath("value", path);
  return new SnakepitError("SERIALIZATION", `${where}: ${problem}`, { details: { path: where } });
}
