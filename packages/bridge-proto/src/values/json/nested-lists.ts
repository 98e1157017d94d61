import { SnakepitError } from "@snakepit/core";
import type { Dtype, TypedArray } from "../extensions/dtype.ts";

/** What becomes of an integer that a JavaScript number does not hold exactly: beyond 2^53. */
export type LargeIntegers = "error" | "number" | "string";

/** The parts of a numpy array: its elements row by row, how many there are in each dimension, and of what type. */
type ShapedArray = TypedArray & { readonly shape: readonly number[]; readonly dtype: Dtype };

/**
 * Returns the elements of a numpy array as JSON has them: arrays within each other, as the shape says; of an array without a
 * dimension its one element. `bool` elements are booleans, complex ones `{ re, im }`, numbers that JSON does not have (`NaN`,
 * `±Infinity`) are `null`, as `JSON.stringify` writes them. An array whose elements are no numbers to JavaScript (`datetime64`,
 * `timedelta64`, `float128`) is an object of its `dtype`, `shape` and `data`, as they lie in the typed array.
 *
 * @param array any array of booleans or numbers.
 * @param largeIntegers what an element beyond 2^53 becomes: a string of its digits (default), the nearest number, or an error.
 * @throws SnakepitError `SERIALIZATION` for an integer beyond 2^53 when that is to be an error.
 */
export function nestedLists(array: ShapedArray, largeIntegers: LargeIntegers = "string"): unknown {
  const { dtype, shape } = array;
  const elements = elementsOf(array, largeIntegers);
  return hasNumbers(array) ? nestElements(elements, shape) : { dtype, shape, data: elements };
}

/**
 * Returns integers of any size as JSON has them.
 *
 * @throws SnakepitError `SERIALIZATION` for one beyond 2^53 when that is to be an error.
 */
export function jsonInteger(value: bigint, largeIntegers: LargeIntegers): number | string {
  const number = Number(value);
  if (Number.isSafeInteger(number) || largeIntegers === "number") return number;
  if (largeIntegers === "string") return String(value);
  throw new SnakepitError(
    "SERIALIZATION",
    `JSON has no exact number for ${value}; use the option bigint: "string", which keeps every digit`,
  );
}

/**
 * Arranges elements that lie row by row as arrays within each other.
 *
 * @param shape elements in each dimension; `[]` for one element alone.
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

/** Whether the elements of the typed array are the numbers: not counts of a unit of time, and not bits or bytes. */
function hasNumbers(array: ShapedArray): boolean {
  if (array.dtype === "float16") return array[Symbol.toStringTag] === "Float16Array";
  return /^(bool|u?int(8|16|32|64)|float(32|64)|complex(64|128))$/.test(array.dtype);
}

/** A number that JSON has, or null, as `JSON.stringify` writes the others. */
export function jsonNumber(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
