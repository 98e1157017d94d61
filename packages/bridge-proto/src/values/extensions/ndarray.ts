import { describeValue, SnakepitError } from "@snakepit/core";
import { nestedLists } from "../json/nested-lists.ts";
import {
  type Dtype,
  dtypeNames,
  dtypeOfTypedArray,
  type ElementLayout,
  fits,
  formatDtype,
  isUnit,
  layoutOfCode,
  parseDtype,
  type TypedArray,
} from "./dtype.ts";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter, OUT_OF_BAND_BYTES } from "./extension.ts";
import { writeBinaryData } from "./integers-and-bytes.ts";

/** Maximum number of dimensions of a numpy array. */
const MAX_DIMENSIONS = 64;

/** The place of the elements of an array. */
const INLINE = 0;
const OUT_OF_BAND = 1;

/**
 * A numpy array: a typed array of its elements, in row-major order, with its shape and dtype. Arrays that differ only
 * in shape or dtype do not compare equal, because these properties are enumerable, unless the array has one dimension
 * and the default dtype of its class. Such an array is printed and compared like the typed array.
 *
 * `map`, `slice`, `filter` and `structuredClone` of JavaScript return typed arrays without shape and dtype. To keep
 * them, write `ndarray(image.map(f), image.shape, image.dtype)`.
 *
 * Elements that are not numbers in JavaScript are stored as in numpy: complex numbers as pairs of real and imaginary
 * part, `bool` as 0 and 1, `datetime64` and `timedelta64` as counts of their unit (the smallest int64 is `NaT`),
 * `float128` and `complex256` as bytes.
 */
export type NdArray<T extends TypedArray = TypedArray> = T & {
  /** Number of elements in each dimension; `[]` for an array without dimensions, which has one element. */
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Returns what `JSON.stringify` writes: nested arrays, one level for each dimension. */
  toJSON(): unknown;
};

/**
 * Creates a numpy array from a typed array. The elements are shared, not copied.
 *
 * This is necessary only for more than one dimension, for another dtype than the default of the typed array, and to
 * send a `Uint8Array` as numbers instead of bytes.
 *
 * @param shape number of elements in each dimension. Default: one dimension.
 * @param dtype the dtype. Default: that of the typed array.
 * @throws SnakepitError `INVALID_ARGUMENT` if the shape or the dtype does not match the elements.
 *
 * @example
 * const image = ndarray(new Float32Array(3 * 480 * 640), [3, 480, 640]);
 * const signal = ndarray(new Float64Array([1, 0, 0, 1]), [2], "complex128"); // 1+0j, 0+1j
 */
export function ndarray<T extends TypedArray>(data: T, shape?: readonly number[], dtype?: Dtype): NdArray<T> {
  if (!ArrayBuffer.isView(data) || (data as ArrayBufferView) instanceof DataView) throw notATypedArray(data);
  if (shape !== undefined && !Array.isArray(shape)) {
    const remedy = typeof shape === "number" ? `; write [${shape}]` : "";
    throw invalid(`the shape of ndarray() must be an array of sizes; got ${describeValue(shape)}${remedy}`);
  }
  const type = dtype ?? dtypeOfTypedArray(data);
  const parsed = parseDtype(type);
  if (parsed === undefined) throw invalid(`unknown dtype ${JSON.stringify(type)}; use ${dtypeNames().join(", ")}`);
  const dimensions = shape ?? [data.byteLength / parsed.layout.itemBytes];
  const problem = mismatch(data, dimensions, parsed.layout);
  if (problem !== undefined) throw invalid(problem);
  const arrayClass = data.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T;
  const own = Buffer.isBuffer(data)
    ? (new Uint8Array(data.buffer, data.byteOffset, data.length) as T)
    : new arrayClass(data.buffer, data.byteOffset, data.length);
  return withShape(own, [...dimensions], type);
}

function notATypedArray(data: unknown): SnakepitError {
  const shape: number[] = [];
  for (let row = data; Array.isArray(row); row = row[0]) shape.push(row.length);
  const elements = shape.length > 1 ? `rows.flat(${shape.length > 2 ? shape.length - 1 : ""})` : "values";
  const remedy = `write ndarray(new Float64Array(${elements})${shape.length > 1 ? `, [${shape.join(", ")}]` : ""})`;
  return invalid(`the elements of ndarray() must be in a typed array; got ${describeValue(data)}; ${remedy}`);
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}

/** Whether a value is a typed array with a shape and a dtype. */
export function isNdArray(value: unknown): value is NdArray {
  return ArrayBuffer.isView(value) && Object.hasOwn(value, "shape") && Object.hasOwn(value, "dtype");
}

/** Writes a typed array as a numpy array, or bytes as bytes. */
export function writeTypedArray(value: ArrayBufferView, encoder: ExtensionWriter): void {
  const data = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isNdArray(value)) writeShaped(value, data, value.shape, value.dtype, encoder);
  else if (value instanceof DataView || (value as TypedArray)[Symbol.toStringTag] === "Uint8Array") {
    writeBinaryData(data, encoder);
  } else {
    const array = value as TypedArray;
    writeShaped(array, data, [array.length], dtypeOfTypedArray(array), encoder);
  }
}

function writeShaped(
  array: TypedArray,
  data: Uint8Array,
  shape: readonly number[],
  dtype: string,
  encoder: ExtensionWriter,
): void {
  const parsed = parseDtype(dtype);
  const problem = parsed === undefined ? `unknown dtype ${dtype}` : mismatch(array, shape, parsed.layout);
  if (parsed === undefined || problem !== undefined) {
    encoder.reject({
      what: `an array with a wrong shape or dtype (${problem})`,
      remedy: "create it with ndarray()",
    });
    return;
  }
  const { layout, unit } = parsed;
  const outOfBand = data.byteLength >= OUT_OF_BAND_BYTES;
  const unitBytes = layout.hasUnit ? 1 + unit.length : 0;
  const header = 3 + 8 * shape.length + unitBytes;
  encoder.writeExtensionHeader(ExtensionTag.NDARRAY, header + (outOfBand ? 4 : data.byteLength));
  encoder.writeUint8(outOfBand ? OUT_OF_BAND : INLINE);
  encoder.writeUint8(layout.code);
  encoder.writeUint8(shape.length);
  for (const length of shape) {
    encoder.writeInt32(Math.floor(length / 0x1_0000_0000));
    encoder.writeInt32(length);
  }
  if (layout.hasUnit) {
    encoder.writeUint8(unit.length);
    encoder.writeBytes(Buffer.from(unit, "latin1"));
  }
  if (outOfBand) encoder.writeInt32(encoder.addBuffer(data));
  else encoder.writeBytes(data);
}

export function readNdArray(decoder: ExtensionReader): NdArray {
  const place = decoder.readUint8();
  if (place !== INLINE && place !== OUT_OF_BAND) throw decoder.malformed("an array is at an unknown place");
  const code = decoder.readUint8();
  const layout = layoutOfCode(code);
  if (layout === undefined) throw decoder.malformed(`an array has the unknown dtype ${code}`);
  const dimensions = decoder.readUint8();
  if (dimensions > MAX_DIMENSIONS) throw decoder.malformed(`an array has ${dimensions} dimensions`);
  const shape: number[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) shape.push(Number(decoder.readUint64()));
  const unit = layout.hasUnit ? decoder.readText(decoder.readUint8()) : "";
  if (unit !== "" && !isUnit(unit)) throw decoder.malformed("an array has an unknown unit of time");
  const data = place === INLINE ? decoder.copyBytes(decoder.remaining) : decoder.takeBuffer();
  if (data.byteLength !== byteLengthOf(shape, layout)) {
    throw decoder.malformed(`an array of ${data.byteLength} bytes has the shape [${shape.join(", ")}]`);
  }
  return withShape(elementsOf(data, layout), shape, formatDtype(layout, unit));
}

/** Returns a view of the bytes if they are aligned, otherwise a copy. */
function elementsOf(data: Uint8Array, { arrayClass }: ElementLayout): TypedArray {
  const aligned = data.byteOffset % arrayClass.BYTES_PER_ELEMENT === 0 ? data : new Uint8Array(data);
  return new arrayClass(aligned.buffer, aligned.byteOffset, aligned.byteLength / arrayClass.BYTES_PER_ELEMENT);
}

function withShape<T extends TypedArray>(array: T, shape: readonly number[], dtype: Dtype): NdArray<T> {
  const isPlain = shape.length === 1 && dtype === dtypeOfTypedArray(array);
  return Object.defineProperties(array, {
    shape: { value: Object.freeze(shape), enumerable: !isPlain },
    dtype: { value: dtype, enumerable: !isPlain },
    toJSON: TO_JSON,
  }) as NdArray<T>;
}

const TO_JSON: PropertyDescriptor = {
  value(this: NdArray): unknown {
    return nestedLists(this);
  },
};

/** Returns why a shape or dtype does not match the elements; undefined if it does. */
function mismatch(array: TypedArray, shape: readonly number[], layout: ElementLayout): string | undefined {
  if (!fits(array, layout)) {
    return `elements of dtype ${layout.name} must be in a ${layout.arrayClass.name}; got a ${array[Symbol.toStringTag]}`;
  }
  if (shape.length > MAX_DIMENSIONS || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    return `a shape must have at most ${MAX_DIMENSIONS} non-negative integers; got [${shape.join(", ")}]`;
  }
  if (byteLengthOf(shape, layout) === array.byteLength) return undefined;
  return `the shape [${shape.join(", ")}] of ${layout.name} requires ${byteLengthOf(shape, layout)} bytes; got ${array.byteLength}`;
}

function byteLengthOf(shape: readonly number[], { itemBytes }: ElementLayout): number {
  return shape.reduce((product, length) => product * length, itemBytes);
}
