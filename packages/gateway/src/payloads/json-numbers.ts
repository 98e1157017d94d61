import { isNdArray, nestElements, type TypedArray } from "@snakepit/bridge-proto";
import { notJson, tooLargeForJson } from "./json-errors.ts";

/** Typed arrays and, of arrays with a dtype, those whose elements are numbers or booleans to JavaScript, too. */
const NUMBERS = /^(bool|u?int(8|16|32|64)|float(32|64))$/;

/**
 * An array of numbers as JSON has it: lists within each other, as the shape says.
 *
 * @throws SnakepitError `SERIALIZATION` when it is none or one of the numbers is none to JSON, `PAYLOAD_TOO_LARGE`.
 */
export function listsOfNumbers(array: ArrayBufferView, path: string, maxBytes: number): unknown {
  const elements = numbersIn(array, path);
  const shape = isNdArray(array) ? array.shape : [elements.length];
  // Each number takes a digit and a comma, each list its brackets: so many are not even made.
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
    // Where JavaScript has no Float16Array, the elements are bits.
    if (array.dtype === "float16" && array[Symbol.toStringTag] === "Float16Array") return array;
    throw notJson(path, `an array of ${array.dtype}`);
  }
  const isBytes = array instanceof DataView || (array as TypedArray)[Symbol.toStringTag] === "Uint8Array";
  if (isBytes) throw notJson(path, "bytes");
  return array as TypedArray;
}

/** Where the element of this number is, as `[1][2]`. */
function position(index: number, shape: readonly number[]): string {
  let text = "";
  let rest = index;
  for (const size of shape.toReversed()) {
    text = `[${rest % size}]${text}`;
    rest = Math.floor(rest / size);
  }
  return text;
}
