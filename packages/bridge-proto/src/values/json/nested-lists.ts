import { SnakepitError } from "@snakepit/core";
import type { Dtype, TypedArray } from "../extensions/dtype.ts";

/** How integers beyond 2^53 are converted, which a JavaScript number cannot represent exactly. */
export type LargeIntegers = "error" | "number" | "string";

/** The parts of a numpy array: its elements row by row, its shape and its dtype. */
type ShapedArray = TypedArray & { readonly shape: readonly number[]; readonly dtype: Dtype };

/**
 * Converts a numpy array for JSON: to nested arrays of its shape, or, without dimensions, to its only element. `bool`
 * elements become booleans, complex ones `{ re, im }`, and `NaN` and `±Infinity` become `null`, as with
 * `JSON.stringify`. An array whose elements are not numbers in JavaScript (`datetime64`, `timedelta64`, `float128`)
 * becomes an object with its `dtype`, `shape` and `data`, the elements of the typed array.
 *
 * @param array any array of booleans or numbers.
 * @param largeIntegers how integers beyond 2^53 are converted. Default: `"string"`.
 * @throws SnakepitError `SERIALIZATION` for an integer beyond 2^53 if `largeIntegers` is `"error"`.
 */
export function nestedLists(array: ShapedArray, largeIntegers: LargeIntegers = "string"): unknown {
  const { dtype, shape } = array;
  const elements = elementsOf(array, largeIntegers);
  return hasNumbers(array) ? nestElements(elements, shape) : { dtype, shape, data: elements };
}

/**
 * Converts an integer of any size for JSON.
 *
 * @throws SnakepitError `SERIALIZATION` for an integer beyond 2^53 if `largeIntegers` is `"error"`.
 */
export function jsonInteger(value: bigint, largeIntegers: LargeIntegers): number | string {
  const number = Number(value);
  if (Number.isSafeInteger(number) || largeIntegers === "number") return number;
  if (largeIntegers === "string") return String(value);
  throw new SnakepitError(
    "SERIALIZATION",
    `JSON cannot represent ${value} exactly; use the option bigint: "string", which keeps all digits`,
  );
}

/**
 * Nests elements in row-major order.
 *
 * @param shape number of elements in each dimension; `[]` for a single element.
 */
export function nestElements(elements: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return elements[0];
  let lists = elements;
  for (let dimension = shape.length - 1; dimension > 0; dimension--) {
    const size = shape[dimension] ?? 0;
    const rows = shape.slice(0, dimension).reduce((product, each) => product * each, 1);
    const inner = lists;
    lists = Array.from({ length: rows }, (_, row) => inner.slice(row * size, (row + 1) * size));
  }
  return lists;
}

function elementsOf(array: ShapedArray, largeIntegers: LargeIntegers): unknown[] {
  const { dtype } = array;
  if (dtype === "bool") return Array.from(array as ArrayLike<number>, (element) => element !== 0);
  if (dtype === "complex64" || dtype === "complex128") {
    const parts = array as ArrayLike<number>;
    return Array.from({ length: parts.length / 2 }, (_, index) => ({
      re: jsonNumber(parts[2 * index] as number),
      im: jsonNumber(parts[2 * index + 1] as number),
    }));
  }
  const elements = array as Iterable<number | bigint>;
  return Array.from(elements, (element) =>
    typeof element === "bigint" ? jsonInteger(element, largeIntegers) : jsonNumber(element),
  );
}

/** Whether the elements of the typed array are the numbers, not counts of a unit of time, bits or bytes. */
function hasNumbers(array: ShapedArray): boolean {
  if (array.dtype === "float16") return array[Symbol.toStringTag] === "Float16Array";
  return /^(bool|u?int(8|16|32|64)|float(32|64)|complex(64|128))$/.test(array.dtype);
}

/** Returns a finite number, or null for others, as `JSON.stringify` does. */
export function jsonNumber(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
