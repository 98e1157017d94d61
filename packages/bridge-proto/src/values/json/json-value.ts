import { formatPath, mustBe, type PathStep, SnakepitError } from "@snakepit/core";
import type { TypedArray } from "../extensions/dtype.ts";
import { MAX_SENT_DEPTH } from "../extensions/extension.ts";
import { isNdArray, ndarray } from "../extensions/ndarray.ts";
import { jsonInteger, jsonNumber, type LargeIntegers, nestedLists } from "./nested-lists.ts";

/** How {@link jsonValue} writes what JSON does not have. */
export interface JsonValueOptions {
  /**
   * What becomes of an integer beyond 2^53, which a JavaScript number does not hold exactly. `"string"` (default): a string of its
   * digits. `"number"`: the nearest number. `"error"`: a `SERIALIZATION` error. Smaller integers are always numbers.
   */
  readonly bigint?: LargeIntegers;
}

/**
 * Returns a value that came from Python in the form in which `JSON.stringify`, `Response.json` and the `res.json` of web
 * frameworks accept it: numpy arrays as arrays within each other, bytes in Base64, sets as arrays, a `Map` as an object (or, when
 * a key is neither string nor number, as an array of pairs), dates, UUIDs and decimals as their strings, `NaN` and `±Infinity` as `null`.
 *
 * @param value a result, a chunk, or a part of one.
 * @throws SnakepitError `SERIALIZATION` with the path of a part that JSON has no form for; `INVALID_ARGUMENT` for an unknown option.
 * @example
 * res.json(jsonValue(await pit.execute("describe", { image })));
 */
export function jsonValue(value: unknown, options: JsonValueOptions = {}): unknown {
  return convert(value, largeIntegers(options), []);
}

function largeIntegers(options: unknown): LargeIntegers {
  // The index, in `results.map(jsonValue)`.
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
      throw refusal(path, `JSON has no form for a ${typeof value}; send it as a string`);
    default:
      return value;
  }
}

function convertObject(value: object, bigint: LargeIntegers, path: readonly PathStep[]): unknown {
  if (path.length > MAX_SENT_DEPTH) {
    throw refusal(path, `the value is nested deeper than ${MAX_SENT_DEPTH} levels; flatten it`);
  }
  if (Array.isArray(value)) return value.map((each, index) => convert(each, bigint, [...path, index]));
  if (ArrayBuffer.isView(value)) return at(path, () => arrayOrBytes(value, bigint));
  if (value instanceof Set) return Array.from(value, (each, index) => convert(each, bigint, [...path, index]));
  if (value instanceof Map) return convertMap(value, bigint, path);
  if (hasToJson(value)) return convert(value.toJSON(), bigint, path);
  // Not by assignment: a key may be __proto__.
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

/** Adds the path to what is wrong with a part. */
function at<T>(path: readonly PathStep[], work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof SnakepitError ? refusal(path, thrown.message) : thrown;
  }
}

function refusal(path: readonly PathStep[], problem: string): SnakepitError {
  const where = formatPath("value", path);
  return new SnakepitError("SERIALIZATION", `${where}: ${problem}`, { details: { path: where } });
}
