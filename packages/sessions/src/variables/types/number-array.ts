/** An array of numbers: a typed array with its numpy shape and dtype. */
export interface NumberArray {
  /** The numbers in row-major order; pairs for complex numbers. */
  readonly elements: ArrayBufferView & ArrayLike<number | bigint>;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The numpy dtypes of typed arrays, by class name. */
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
 * Returns a value as an array of numbers; `undefined` if it is not one. A `Uint8Array` is bytes unless it has a shape and
 * a dtype, as from `ndarray()`.
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
 * Returns an exact integer: a number if it is a safe integer, otherwise a bigint. `undefined` for other values, and
 * for a number that is too large to be exact.
 */
export function exactInteger(value: unknown): number | bigint | undefined {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  // Adding 0 converts -0 to 0.
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** Returns an exact double; `undefined` for other values and for an integer that a double cannot represent exactly. */
export function exactFloat(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value ? number : undefined;
}
