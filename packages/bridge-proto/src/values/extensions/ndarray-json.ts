import { SnakepitError } from "@snakepit/core";
import type { NdArray } from "./ndarray.ts";

/** The smallest int64: what numpy has for `NaT` in the counts of `datetime64` and `timedelta64`. */
const NOT_A_TIME = -(2n ** 63n);

/**
 * Returns a numpy array as `JSON.stringify` takes it: arrays nested by the shape, or one element for an array of no
 * dimension. Booleans are `true` and `false`, complex numbers are `{ re, im }`, times are counts of their unit with `null`
 * for `NaT`, `float128` and `complex256` are arrays of their bytes. Not finite numbers stay, for `JSON.stringify` to write
 * as `null`.
 *
 * @param convertInteger what becomes of an integer that a number does not hold exactly.
 * @throws SnakepitError `SERIALIZATION` for more than a million empty rows.
 */
export function jsonOfArray(array: NdArray, convertInteger: (integer: bigint) => unknown): unknown {
  const element = elementReader(array, convertInteger);
  let next = 0;
  const nested = (dimension: number): unknown => {
    if (dimension === array.shape.length) return element(next++);
    const length = array.shape[dimension] as number;
    // No element at all: what is left of the shape could still be very many empty rows.
    if (array.length === 0 && length > 0 && dimension + 1 < array.shape.length) checkEmptyRows(array.shape);
    return Array.from({ length }, () => nested(dimension + 1));
  };
  return nested(0);
}

/** Rows without elements that are written; more would come from a shape that was made to exhaust the memory. */
const MOST_EMPTY_ROWS = 1_000_000;

function checkEmptyRows(shape: readonly number[]): void {
  const rows = shape.reduce((product, length) => product * Math.max(length, 1), 1);
  if (rows > MOST_EMPTY_ROWS) {
    throw new SnakepitError(
      "SERIALIZATION",
      `cannot write an array of the shape [${shape.join(", ")}] as JSON; write its shape instead`,
    );
  }
}

function elementReader(array: NdArray, convertInteger: (integer: bigint) => unknown): (index: number) => unknown {
  const numbers = array as unknown as ArrayLike<number>;
  const at = (index: number): number => numbers[index] as number;
  const { dtype } = array;
  if (dtype === "bool") return (index) => at(index) !== 0;
  if (dtype === "complex64" || dtype === "complex128") {
    return (index) => ({ re: at(2 * index), im: at(2 * index + 1) });
  }
  const itemBytes = dtype === "float128" ? 16 : dtype === "complex256" ? 32 : 0;
  if (itemBytes > 0) return (index) => Array.from({ length: itemBytes }, (_, byte) => at(itemBytes * index + byte));
  // Without Float16Array the elements are bits.
  if (dtype === "float16" && array[Symbol.toStringTag] === "Uint16Array") return (index) => float16OfBits(at(index));
  if (typeof array[0] !== "bigint") return at;
  const integers = array as unknown as ArrayLike<bigint>;
  const hasNull = dtype.startsWith("datetime64") || dtype.startsWith("timedelta64");
  return (index) => {
    const integer = integers[index] as bigint;
    if (hasNull && integer === NOT_A_TIME) return null;
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : convertInteger(integer);
  };
}

/** The number of an IEEE 754 half. */
function float16OfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
