/** The notation in which the shared cases describe values; `docs/values.md` explains it. */
export type Notation = null | boolean | string | { readonly [kind: string]: unknown };

/** Builds the value that a notation describes, in the form in which it is received. */
export function fromNotation(notation: Notation): unknown {
  if (notation === null || typeof notation !== "object") return notation;
  const [[kind, content] = []] = Object.entries(notation);
  const build = BUILDERS[kind ?? ""];
  if (build === undefined) throw new Error(`notation must describe a value; got ${JSON.stringify(notation)}`);
  return build(content as never);
}

/**
 * Describes a value. Numbers with an integral value are described as integers, since JavaScript cannot distinguish
 * them.
 */
export function toNotation(value: unknown): Notation {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : { float: doubleHex(value) };
  }
  if (Array.isArray(value)) return { array: value.map(toNotation) };
  if (ArrayBuffer.isView(value)) return { ndarray: describeArray(value as MarkedArray) };
  throw new Error(`value must have a notation; got ${String(value)}`);
}

/** A typed array with the properties that `ndarray()` adds. */
type MarkedArray = Float64Array & { readonly shape?: readonly number[]; readonly dtype?: string };

interface ArrayNotation {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}

type ArrayClass = new (buffer: ArrayBuffer) => ArrayBufferView;

const ARRAY_CLASSES: Readonly<Record<string, ArrayClass>> = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  // Supported by every version of Node.js that we support.
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  "datetime64[ns]": BigInt64Array,
};

class Other {}

const BUILDERS: Readonly<Record<string, (content: never) => unknown>> = {
  bytes: (content: string) => fromHex(content),
  int: (content: string) => {
    const value = BigInt(content);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  float: (content: string) => Buffer.from(content, "hex").readDoubleBE(),
  array: (content: readonly Notation[]) => content.map(fromNotation),
  map: (content: readonly [string, Notation][]) =>
    Object.fromEntries(content.map(([key, value]) => [key, fromNotation(value)])),
  set: (content: readonly Notation[]) => new Set(content.map(fromNotation)),
  ndarray: buildArray,
  // Values of classes that are unknown to this package.
  date: () => new Other(),
  decimal: () => new Other(),
  complex: () => new Other(),
};

function buildArray({ dtype, shape, data }: ArrayNotation): ArrayBufferView {
  const arrayClass = ARRAY_CLASSES[dtype];
  if (arrayClass === undefined) throw new Error(`unknown dtype ${dtype}`);
  return Object.defineProperties(new arrayClass(fromHex(data).buffer), {
    shape: { value: Object.freeze([...shape]) },
    dtype: { value: dtype },
  });
}

function describeArray(array: MarkedArray): ArrayNotation {
  const dtype = array.dtype ?? array[Symbol.toStringTag].replace(/Array$/, "").toLowerCase();
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return { dtype, shape: [...(array.shape ?? [array.length])], data: bytes.toString("hex") };
}

/** Groups of hexadecimal digits, such as `c53fff 07*16383`. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const groups = text.split(" ").map((group) => {
    const [digits = "", times = "1"] = group.split("*");
    return Buffer.from(digits.repeat(Number(times)), "hex");
  });
  return new Uint8Array(Buffer.concat(groups));
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}
