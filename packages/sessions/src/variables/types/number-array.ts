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

/**
 * The integer that a number is: a number where it is safe to be one, else a bigint. `undefined` for anything else, and
 * for a number whose neighbours are further away than 1, which may be meant as another.
 */
export function exactInteger(value: unknown): number | bigint | undefined {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  // Adding 0 makes 0 of -0.
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** The double that a number is; `undefined` for anything else, and for an integer that no double is exactly. */
export function exactFloat(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value ? number : undefined;
}
