import { Complex } from "../values/extensions/complex.ts";
import { Decimal } from "../values/extensions/decimal.ts";
import { type Dtype, parseDtype, type TypedArray } from "../values/extensions/dtype.ts";
import { isNdArray, type NdArray, ndarray } from "../values/extensions/ndarray.ts";
import { PlainDate } from "../values/extensions/plain-date.ts";
import { PlainTime } from "../values/extensions/plain-time.ts";
import { TimeDelta } from "../values/extensions/time-delta.ts";
import { Unsendable } from "../values/extensions/unsendable.ts";
import { Uuid } from "../values/extensions/uuid.ts";
import { ZonedDate } from "../values/extensions/zoned-date.ts";
import { fromHex, toHex } from "./hex.ts";

/** The notation of values in the shared vectors; `docs/values.md` specifies it. */
export type Notation = null | boolean | string | { readonly [kind: string]: unknown };

/** Returns the value of a notation. */
export function fromNotation(notation: Notation): unknown {
  if (notation === null || typeof notation !== "object") return notation;
  const [entry] = Object.entries(notation);
  if (entry === undefined) throw new Error("a notation must have a kind");
  return BUILDERS[entry[0]]?.(entry[1] as never);
}

/** Returns the notation of a decoded value. */
export function toNotation(value: unknown): Notation {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : { float: doubleHex(value) };
  }
  if (typeof value !== "object") throw new Error(`a decoded value must not be a ${typeof value}`);
  return describeObject(value);
}

/** Sorts the entries of maps in a notation, because objects list keys that look like indices first. */
export function sorted(notation: Notation): Notation {
  if (notation === null || typeof notation !== "object") return notation;
  const { array, map, set } = notation as { array?: Notation[]; map?: [Notation, Notation][]; set?: Notation[] };
  if (array !== undefined) return { array: array.map(sorted) };
  if (set !== undefined) return { set: byText(set.map(sorted)) };
  if (map !== undefined) return { map: byText(map.map((entry) => entry.map(sorted))) };
  return notation;
}

function byText<T>(parts: readonly T[]): T[] {
  return parts
    .map((part) => ({ part, text: JSON.stringify(part) }))
    .sort((left, right) => (left.text < right.text ? -1 : 1))
    .map(({ part }) => part);
}

function describeObject(value: object): Notation {
  if (Array.isArray(value)) return { array: value.map(toNotation) };
  if (isNdArray(value)) return { ndarray: describeArray(value) };
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (ArrayBuffer.isView(value)) return { ndarray: describeArray(ndarray(value as TypedArray)) };
  if (value instanceof Map) return { map: [...value].map((entry) => entry.map(toNotation)) };
  if (value instanceof Set) return { set: [...value].map(toNotation) };
  if (value instanceof Uuid) return { uuid: value.toString() };
  if (value instanceof Decimal) return { decimal: value.toString() };
  if (value instanceof Complex) return { complex: [doubleHex(value.re), doubleHex(value.im)] };
  if (value instanceof ZonedDate) return { datetime: value.toZonedString() };
  if (value instanceof Date) return { datetime: new ZonedDate(value.getTime()).toZonedString() };
  if (value instanceof PlainDate) return { date: value.toString() };
  if (value instanceof PlainTime) return { time: value.toString() };
  if (value instanceof TimeDelta) return { timedelta: [value.days, value.seconds, value.microseconds] };
  if (value instanceof Unsendable) return { unsendable: value.what };
  return { map: Object.entries(value).map((entry) => entry.map(toNotation)) };
}

const BUILDERS: Readonly<Record<string, (content: never) => unknown>> = {
  bytes: fromHex,
  int: (content: string) => BigInt(content),
  float: (content: string) => Buffer.from(content, "hex").readDoubleBE(),
  array: (content: Notation[]) => content.map(fromNotation),
  map: buildMap,
  set: (content: Notation[]) => new Set(content.map(fromNotation)),
  uuid: (content: string) => new Uuid(content),
  decimal: (content: string) => new Decimal(content),
  complex: ([re, im]: [string, string]) =>
    new Complex(Buffer.from(re, "hex").readDoubleBE(), Buffer.from(im, "hex").readDoubleBE()),
  datetime: buildDatetime,
  date: (content: string) => {
    const [year, month, day] = content.split("-").map(Number);
    return new PlainDate(year!, month!, day!);
  },
  time: buildTime,
  timedelta: ([days, seconds, microseconds]: [number, number, number]) => new TimeDelta(days, seconds, microseconds),
  ndarray: buildArray,
  unsendable: (content: string) => new Unsendable(content),
};

function buildMap(content: [Notation, Notation][]): unknown {
  const map = new Map(content.map(([key, value]) => [fromNotation(key), fromNotation(value)]));
  if (![...map.keys()].every((key) => typeof key === "string")) {
    return new Map([...map].map(([key, value]) => [typeof key === "bigint" ? plainNumber(key) : key, value]));
  }
  const record: Record<string, unknown> = {};
  for (const [key, value] of map) {
    Object.defineProperty(record, key as string, { value, writable: true, enumerable: true, configurable: true });
  }
  return record;
}

function plainNumber(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const OFFSET = "(?:([+-])(\\d\\d):(\\d\\d)(?::(\\d\\d(?:\\.\\d+)?))?)?(?:\\[(.*)\\])?$";
const DATETIME = new RegExp(`^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3})(\\d{3})${OFFSET}`);
const TIME = new RegExp(`^(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{6}))?${OFFSET}`);

function buildDatetime(content: string): Date {
  const [, wall, microseconds, sign, hours, minutes, seconds, zone] = DATETIME.exec(content) ?? [];
  const offsetSeconds = offsetOf(sign, hours, minutes, seconds);
  const ms = Date.parse(`${wall}Z`) - (offsetSeconds ?? 0) * 1000;
  if (offsetSeconds === 0 && zone === undefined && microseconds === "000") return new Date(ms);
  return new ZonedDate(ms, { microseconds: Number(microseconds), offsetSeconds, zone: zone ?? null });
}

function buildTime(content: string): PlainTime {
  const [, hour, minute, second, microsecond, sign, hours, minutes, seconds, zone] = TIME.exec(content) ?? [];
  return new PlainTime(Number(hour), Number(minute), {
    second: Number(second),
    microsecond: Number(microsecond ?? 0),
    offsetSeconds: offsetOf(sign, hours, minutes, seconds),
    zone: zone ?? null,
  });
}

function offsetOf(sign?: string, hours?: string, minutes?: string, seconds = "0"): number | null {
  if (sign === undefined) return null;
  const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -magnitude : magnitude;
}

interface ArrayNotation {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: string;
}

function buildArray({ dtype, shape, data }: ArrayNotation): NdArray {
  const { arrayClass } = parseDtype(dtype)!.layout;
  const bytes = fromHex(data);
  return ndarray(new arrayClass(bytes.buffer, 0, bytes.byteLength / arrayClass.BYTES_PER_ELEMENT), shape, dtype);
}

function describeArray(array: NdArray): ArrayNotation {
  const data = toHex(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return { dtype: array.dtype, shape: [...array.shape], data };
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}
