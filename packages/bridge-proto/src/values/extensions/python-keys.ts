import { inspect, types } from "node:util";
import type { UnsendableReason } from "../unsendable-reason.ts";
import { Complex } from "./complex.ts";
import { Decimal } from "./decimal.ts";
import { PlainDate } from "./plain-date.ts";
import { PlainTime } from "./plain-time.ts";
import { TimeDelta } from "./time-delta.ts";
import { Unsendable } from "./unsendable.ts";
import { Uuid } from "./uuid.ts";
import { ZonedDate } from "./zoned-date.ts";

/** A key of a Map, or an element of a Set, that Python cannot have there. */
export interface KeyProblem extends UnsendableReason {
  /** Its place in the order of iteration. */
  readonly place: number;
}

/**
 * Returns the first key that Python has no hash for, or that it counts as equal to one before; undefined when there is
 * none. Keys that are all strings, all numbers or all bigints are different in Python when they are in JavaScript.
 *
 * @param container what has the keys, in messages.
 */
export function findKeyProblem(container: "Map" | "Set", keys: Iterable<unknown>): KeyProblem | undefined {
  if (areOfOneSimpleType(keys)) return undefined;
  const remedy = `send it as an array: [...${container.toLowerCase()}]`;
  const seen = new Map<string, unknown>();
  let place = 0;
  for (const key of keys) {
    const identity = identityInPython(key);
    if (identity === undefined) {
      return { place, what: `a ${container} with ${shown(key)} in it, which Python cannot hash`, remedy };
    }
    if (seen.has(identity)) {
      const two = `${shown(seen.get(identity))} and ${shown(key)}`;
      return { place, what: `a ${container} with ${two} in it, which are equal in Python`, remedy };
    }
    if (!identity.startsWith("unequal")) seen.set(identity, key);
    place += 1;
  }
  return undefined;
}

function areOfOneSimpleType(keys: Iterable<unknown>): boolean {
  let first: string | undefined;
  for (const key of keys) {
    const type = typeof key;
    first ??= type;
    if (type !== first || (type !== "string" && type !== "number" && type !== "bigint")) return false;
  }
  return true;
}

/** Most of a key that a message shows. */
const SHOWN_LENGTH = 60;

function shown(key: unknown): string {
  const kind = typeof key === "object" && key !== null && Object.getPrototypeOf(key) === Object.prototype;
  const text = inspect(key, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 5,
    maxStringLength: 40,
  });
  const shortened = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return kind ? `the object ${shortened}` : shortened;
}

/**
 * Returns a string that two keys share exactly when they are equal in Python; undefined for what has no hash there. What
 * cannot be sent at all has an identity too, since the encoder refuses it with a better reason.
 */
function identityInPython(key: unknown): string | undefined {
  switch (typeof key) {
    case "string":
      return `s${key}`;
    case "number":
      return identityOfNumber(key);
    case "boolean":
      return key ? "n1e0" : "n0";
    case "bigint":
      return identityOfDigits(key.toString(), 0);
    case "undefined":
      return "None";
    case "object":
      return key === null ? "None" : identityOfObject(key);
    default:
      return "unequal";
  }
}

function identityOfObject(key: object): string | undefined {
  if (Array.isArray(key)) return identityOfParts("(", key);
  if (types.isSet(key)) return identityOfParts("{", [...key]);
  if (types.isMap(key)) return undefined;
  if (types.isDate(key)) return identityOfDate(key);
  if (types.isAnyArrayBuffer(key)) return `b${Buffer.from(key).toString("hex")}`;
  if (ArrayBuffer.isView(key)) {
    const isBytes = key instanceof DataView || (types.isUint8Array(key) && !Object.hasOwn(key, "shape"));
    return isBytes ? `b${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("hex")}` : undefined;
  }
  if (key instanceof Decimal) return identityOfDecimal(key.text);
  if (key instanceof Complex) {
    return key.im === 0 ? identityOfNumber(key.re) : `complex ${identityOfNumber(key.re)} ${identityOfNumber(key.im)}`;
  }
  if (key instanceof Unsendable) return `s${key}`;
  if (key instanceof Uuid) return `uuid ${key}`;
  if (key instanceof PlainDate) return `date ${key}`;
  if (key instanceof TimeDelta) return `timedelta ${key}`;
  if (key instanceof PlainTime) return identityOfTime(key);
  const prototype: unknown = Object.getPrototypeOf(key);
  return prototype === null || Object.getPrototypeOf(prototype) === null ? undefined : "unequal";
}

/** Of a tuple or, sorted, of a frozenset. */
function identityOfParts(opening: "(" | "{", parts: readonly unknown[]): string | undefined {
  const identities: string[] = [];
  for (const part of parts) {
    const identity = identityInPython(part);
    if (identity === undefined || identity.startsWith("unequal")) return identity;
    identities.push(`${identity.length}:${identity}`);
  }
  if (opening === "{") identities.sort();
  return opening + identities.join("");
}

function identityOfDate(date: Date): string {
  const micros = BigInt(Number.isNaN(date.getTime()) ? 0 : date.getTime()) * 1000n;
  if (!(date instanceof ZonedDate)) return `datetime ${micros}`;
  return `${date.isNaive ? "naive" : "datetime"} ${micros + BigInt(date.microseconds)}`;
}

/** Times with an offset are compared in UTC; those with the name of a zone alone have no offset, and compare as naive. */
function identityOfTime(time: PlainTime): string {
  const seconds = time.hour * 3600 + time.minute * 60 + time.second;
  if (time.offsetSeconds === null) return `naive time ${seconds} ${time.microsecond}`;
  return `time ${Math.round((seconds - time.offsetSeconds) * 1e6) + time.microsecond}`;
}

/** A float of Python equals the integer, the decimal and the complex number of exactly its value. */
function identityOfNumber(value: number): string {
  if (Number.isNaN(value)) return "unequal NaN";
  if (!Number.isFinite(value)) return `n${value}`;
  // A double is an integer times a power of two: without the fraction, five for each halving, a tenth for both.
  let halvings = 0;
  let integer = value;
  while (!Number.isInteger(integer)) {
    integer *= 2;
    halvings += 1;
  }
  return identityOfDigits((BigInt(integer) * 5n ** BigInt(halvings)).toString(), -halvings);
}

function identityOfDigits(digits: string, exponent: number | bigint): string {
  const [, sign = "", leading = ""] = /^(-?)0*(\d*)$/.exec(digits) ?? [];
  const significant = leading.replace(/0+$/, "");
  if (significant === "") return "n0";
  return `n${sign}${significant}e${BigInt(exponent) + BigInt(leading.length - significant.length)}`;
}

function identityOfDecimal(text: string): string | undefined {
  if (/snan/i.test(text)) return undefined;
  if (/nan/i.test(text)) return "unequal NaN";
  if (/inf/i.test(text)) return text.startsWith("-") ? "n-Infinity" : "nInfinity";
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  return identityOfDigits(
    `${sign === "-" ? "-" : ""}${whole}${fraction}`,
    BigInt(exponent.replace("+", "")) - BigInt(fraction.length),
  );
}
