/// <reference lib="esnext.float16" preserve="true" />
// Preserved in the declarations, because the libraries of a consumer may lack Float16Array, which Node.js has since 24.

/** All typed arrays. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float16Array
  | Float32Array
  | Float64Array;

/**
 * The dtype of a numpy array, without byte order.
 *
 * `datetime64` and `timedelta64` may have a unit in brackets, such as `datetime64[ns]`. `float128` and `complex256` are
 * the `longdouble` types of numpy on Linux, which JavaScript does not support.
 */
export type Dtype =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float16"
  | "float32"
  | "float64"
  | "float128"
  | "complex64"
  | "complex128"
  | "complex256"
  | "datetime64"
  | `datetime64[${string}]`
  | "timedelta64"
  | `timedelta64[${string}]`;

type TypedArrayClass = {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
};

/** The memory layout and the typed array of a dtype. */
export interface ElementLayout {
  /** The number on the wire; its meaning never changes. */
  readonly code: number;
  /** The dtype without its unit. */
  readonly name: string;
  readonly itemBytes: number;
  readonly arrayClass: TypedArrayClass;
  /** Whether the dtype has a unit. */
  readonly hasUnit: boolean;
}

/** Older versions of Node.js lack Float16Array; the bits are then in a `Uint16Array`. */
const float16Class: TypedArrayClass = typeof Float16Array === "function" ? Float16Array : Uint16Array;

const LAYOUTS: readonly ElementLayout[] = [
  layout(1, "bool", 1, Uint8Array),
  layout(2, "int8", 1, Int8Array),
  layout(3, "int16", 2, Int16Array),
  layout(4, "int32", 4, Int32Array),
  layout(5, "int64", 8, BigInt64Array),
  layout(6, "uint8", 1, Uint8Array),
  layout(7, "uint16", 2, Uint16Array),
  layout(8, "uint32", 4, Uint32Array),
  layout(9, "uint64", 8, BigUint64Array),
  layout(10, "float16", 2, float16Class),
  layout(11, "float32", 4, Float32Array),
  layout(12, "float64", 8, Float64Array),
  layout(13, "complex64", 8, Float32Array),
  layout(14, "complex128", 16, Float64Array),
  { ...layout(15, "datetime64", 8, BigInt64Array), hasUnit: true },
  { ...layout(16, "timedelta64", 8, BigInt64Array), hasUnit: true },
  layout(17, "float128", 16, Uint8Array),
  layout(18, "complex256", 32, Uint8Array),
];

function layout(code: number, name: string, itemBytes: number, arrayClass: TypedArrayClass): ElementLayout {
  return { code, name, itemBytes, arrayClass, hasUnit: false };
}

const BY_CODE: readonly (ElementLayout | undefined)[] = LAYOUTS.reduce<(ElementLayout | undefined)[]>((all, one) => {
  all[one.code] = one;
  return all;
}, []);

const BY_NAME: ReadonlyMap<string, ElementLayout> = new Map(LAYOUTS.map((one) => [one.name, one]));

/** The default dtypes of typed arrays, by the name of the class. */
const DTYPE_OF_CLASS: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ["Int8Array", "int8"],
  ["Uint8Array", "uint8"],
  ["Uint8ClampedArray", "uint8"],
  ["Int16Array", "int16"],
  ["Uint16Array", "uint16"],
  ["Int32Array", "int32"],
  ["Uint32Array", "uint32"],
  ["BigInt64Array", "int64"],
  ["BigUint64Array", "uint64"],
  ["Float16Array", "float16"],
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
]);

/** A numpy time unit, with an optional multiple: `ns`, `25s`. */
const UNIT = /^(?:[1-9]\d{0,9})?(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)$/;

const WITH_UNIT = /^(datetime64|timedelta64)\[(.*)\]$/;

/** Returns the names of all dtypes, without units. */
export function dtypeNames(): readonly string[] {
  return [...BY_NAME.keys()];
}

/** Returns the layout of a code on the wire. */
export function layoutOfCode(code: number): ElementLayout | undefined {
  return BY_CODE[code];
}

/** Returns the layout and the unit of a dtype; undefined for an unknown dtype. */
export function parseDtype(dtype: string): { readonly layout: ElementLayout; readonly unit: string } | undefined {
  const plain = BY_NAME.get(dtype);
  if (plain !== undefined) return { layout: plain, unit: "" };
  const [, name = "", unit = ""] = WITH_UNIT.exec(dtype) ?? [];
  const timed = BY_NAME.get(name);
  return timed !== undefined && isUnit(unit) ? { layout: timed, unit } : undefined;
}

/** Returns the dtype with its unit. */
export function formatDtype(layoutOfDtype: ElementLayout, unit: string): Dtype {
  return (unit === "" ? layoutOfDtype.name : `${layoutOfDtype.name}[${unit}]`) as Dtype;
}

export function isUnit(text: string): boolean {
  return UNIT.test(text);
}

/** Returns the default dtype of a typed array. */
export function dtypeOfTypedArray(array: TypedArray): Dtype {
  return DTYPE_OF_CLASS.get(classNameOf(array)) as Dtype;
}

/**
 * Whether an array can contain elements of a layout, including `float16` in a `Uint16Array` and `uint8` in a clamped
 * array.
 */
export function fits(array: TypedArray, { name, arrayClass }: ElementLayout): boolean {
  const className = classNameOf(array);
  if (className === arrayClass.name) return true;
  return (name === "float16" && className === "Uint16Array") || (name === "uint8" && className === "Uint8ClampedArray");
}

/** Returns the name of the class; `Uint8Array` for a `Buffer`. */
function classNameOf(array: TypedArray): string {
  return array[Symbol.toStringTag];
}
