/** An array of numbers as this package sees it: a typed array, with the shape and dtype of numpy where it has them. */
export interface NumberArray {
  /** The numbers, row by row; pairs for complex numbers. */
  readonly elements: ArrayBufferView & ArrayLike<number | bigint>;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The dtypes of typed arrays as numpy sees them, by what an array says it is. */
const DTYPE_OF_CLASS: Readonly<Record<string, string>> = {
  Int8Array: "int8",
  Uint8ClampedArray: "uint8",
  Int16Array: "int16",
  Uint16Array: "uint16",
  Int32Array: "int32",
  Uint32Array: "uint32",
  BigInt64Array: "int64",
  BigUint64Array: "uint64",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
};

/**
 * What a value is as an array of numbers; `undefined` when it is none. A `Uint8Array` is bytes, unless it has a shape and
 * a dtype, which is how `ndarray()` marks it.
 */
export function asNumberArray(value: unknown): NumberArray | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const elements = value as NumberArray["elements"] & { readonly [Symbol.toStringTag]: string };
  const { shape, dtype } = value as { readonly shape?: unknown; readonly dtype?: unknown };
  if (Array.isArray(shape) && typeof dtype === "string") return { elements, shape, dtype };
  const ownDtype = DTYPE_OF_CLASS[elements[Symbol.toStringTag]];
  return ownDtype === undefined ? undefined : { elements, shape: [elements.length], dtype: ownDtype };
}
