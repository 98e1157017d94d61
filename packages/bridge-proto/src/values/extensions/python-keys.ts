import { inspect } from "node:util";
import { isPlainObject } from "@snakepit/core";
import type { UnsendableReason } from "../unsendable-reason.ts";
import { Complex } from "./complex.ts";
import { Decimal } from "./decimal.ts";
import type { TypedArray } from "./dtype.ts";
import { MAX_SENT_DEPTH } from "./extension.ts";
import { PlainDate } from "./plain-date.ts";
import { PlainTime } from "./plain-time.ts";
import { TimeDelta } from "./time-delta.ts";
import { Unsendable } from "./unsendable.ts";
import { Uuid } from "./uuid.ts";
import { ZonedDate } from "./zoned-date.ts";

/** Whether all values have one primitive type; values that differ in JavaScript then also differ in Python. */
export function areAllOf(values: Iterable<unknown>, type: "number" | "string"): boolean {
  for (const value of values) if (typeof value !== type) return false;
  return true;
}

/**
 * Returns why a set or dict in Python cannot have these elements or keys; undefined if it can.
 *
 * @param container description of the container: "a Set".
 * @param keys the elements or keys.
 * @returns the reason and, if it applies to a single element or key, its place.
 */
export function invalidKey(
  container: "a Map" | "a Set",
  keys: Iterable<unknown>,
): { readonly reason: UnsendableReason; readonly place?: number } | undefined {
  const part = container === "a Set" ? "element" : "key";
  const remedy = container === "a Set" ? "send an array, [...set]" : "send an array of pairs, [...map]";
  const seen = new Map<string, unknown>();
  let place = 0;
  for (const value of keys) {
    const key = pythonKey(value);
    if (key instanceof Unhashable) {
      return { reason: { what: `${key.what} as ${part} of ${container}, which Python cannot hash`, remedy }, place };
    }
    if (key !== undefined) {
      if (seen.has(key)) {
        const pair = `${shown(seen.get(key))} and ${shown(value)}`;
        return { reason: { what: `${container} with two ${part}s that are equal in Python: ${pair}`, remedy } };
      }
      seen.set(key, value);
    }
    place += 1;
  }
  return undefined;
}

function shown(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 2, maxArrayLength: 5, maxStringLength: 60 });
}

/** Why a value cannot be a key of a dict or an element of a set in Python. */
class Unhashable {
  /** Description of the value, with its article: "an object". */
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/**
 * Returns the same string for two values exactly if they are equal keys in Python: `1`, `1n`, `true` and `new
 * Decimal("1.0")`, arrays with equal elements, dates of the same time. Undefined for `NaN`, which equals no value, and
 * for a value that cannot be sent, which is a different error.
 *
 * Source: https://docs.python.org/3/reference/expressions.html#value-comparisons and
 * https://docs.python.org/3/library/stdtypes.html#hashing-of-numeric-types.
 */
function pythonKey(value: unknown, depth = 0): string | undefined | Unhashable {
  switch (typeof value) {
    case "string":
      return `s${value}`;
    case "boolean":
      return numberKey(value ? 1 : 0);
    case "number":
      return numberKey(value);
    case "bigint":
      return integerKey(value);
    case "undefined":
      return "none";
    case "object":
      return value === null ? "none" : objectKey(value, depth);
    default:
      return undefined;
  }
}

function objectKey(value: object, depth: number): string | undefined | Unhashable {
  if (depth > MAX_SENT_DEPTH) return undefined;
  if (Array.isArray(value)) return groupKey("t", value, depth);
  if (value instanceof Set) return groupKey("f", value, depth);
  if (value instanceof Map) return new Unhashable("a Map");
  if (ArrayBuffer.isView(value)) return viewKey(value);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bytesKey(new Uint8Array(value));
  if (value instanceof Date) return dateKey(value);
  if (value instanceof Uuid) return `u${value.value}`;
  if (value instanceof Decimal) return decimalKey(value.value);
  if (value instanceof Complex) return complexKey(value);
  if (value instanceof PlainDate) return `d${value}`;
  if (value instanceof PlainTime) return timeKey(value);
  if (value instanceof TimeDelta) return `l${value}`;
  // A mark is a string in Python.
  if (value instanceof Unsendable) return `s${value}`;
  return isPlainObject(value) ? new Unhashable("an object") : undefined;
}

/** Returns the key of a tuple (`t`) or of an unordered frozenset (`f`). */
function groupKey(kind: "t" | "f", elements: Iterable<unknown>, depth: number): string | undefined | Unhashable {
  const keys: string[] = [];
  for (const element of elements) {
    const key = pythonKey(element, depth + 1);
    if (typeof key !== "string") return key;
    keys.push(key);
  }
  if (kind === "f") keys.sort();
  return kind + JSON.stringify(keys);
}

function viewKey(view: ArrayBufferView): string | Unhashable {
  const isBytes = view instanceof DataView || (view as TypedArray)[Symbol.toStringTag] === "Uint8Array";
  if (!isBytes || Object.hasOwn(view, "shape")) return new Unhashable("an array of numbers");
  return bytesKey(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

function bytesKey(bytes: Uint8Array): string {
  return `b${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")}`;
}

/** Aware datetimes are equal if their UTC times are equal, naive ones if their wall clocks are. */
function dateKey(date: Date): string {
  const zoned = date instanceof ZonedDate ? date : undefined;
  return `${zoned?.isNaive === true ? "w" : "m"}${date.getTime()}.${zoned?.microseconds ?? 0}`;
}

/** Times with an offset are equal if they are the same time of day in UTC. */
function timeKey({ hour, minute, second, microsecond, offsetSeconds }: PlainTime): string {
  const seconds = hour * 3600 + minute * 60 + second - (offsetSeconds ?? 0);
  return `${offsetSeconds === null ? "c" : "o"}${seconds}.${microsecond}`;
}

function complexKey({ re, im }: Complex): string | undefined {
  if (im === 0) return numberKey(re);
  const [real, imaginary] = [numberKey(re), numberKey(im)];
  return real === undefined || imaginary === undefined ? undefined : `x${real}/${imaginary}`;
}

const FLOAT = new DataView(new ArrayBuffer(8));

/** All kinds of numbers are compared by their exact value. */
function numberKey(value: number): string | undefined {
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) return value > 0 ? "ninf" : "n-inf";
  if (Number.isInteger(value)) return integerKey(BigInt(value));
  // A float64 is mantissa × 2^exponent; with a negative exponent that is mantissa × 5^-exponent × 10^exponent.
  FLOAT.setFloat64(0, value);
  const bits = FLOAT.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  return normalizedKey(value < 0, String(mantissa * 5n ** BigInt(-exponent)), exponent);
}

function integerKey(value: bigint): string {
  return normalizedKey(value < 0n, String(value < 0n ? -value : value), 0);
}

const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/** Returns the key of a number in the syntax of `Decimal`. */
function decimalKey(text: string): string | undefined | Unhashable {
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) {
    if (/snan/i.test(text)) return new Unhashable("a signaling NaN");
    return /nan/i.test(text) ? undefined : numberKey(text.startsWith("-") ? -Infinity : Infinity);
  }
  return normalizedKey(sign === "-", whole + fraction, Number(exponent) - fraction.length);
}

/** Returns the key of a number without leading and trailing zeros, so that equal numbers have equal keys. */
function normalizedKey(negative: boolean, digits: string, exponent: number): string {
  const significant = digits.replace(/^0+/, "");
  const trimmed = withoutTrailingZeros(significant);
  if (trimmed === "") return "n0";
  return `n${negative ? "-" : ""}${trimmed}e${exponent + significant.length - trimmed.length}`;
}

/** The expression `/0+$/` would take quadratic time for zeros in the middle. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}
