import { deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import { expect as jestExpect } from "expect";
import { describe, expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { Complex } from "./extensions/complex.ts";
import { Decimal } from "./extensions/decimal.ts";
import { type NdArray, ndarray } from "./extensions/ndarray.ts";
import { PlainDate } from "./extensions/plain-date.ts";
import { PlainTime } from "./extensions/plain-time.ts";
import { TimeDelta } from "./extensions/time-delta.ts";
import { Unsendable } from "./extensions/unsendable.ts";
import { Uuid } from "./extensions/uuid.ts";
import { ZonedDate } from "./extensions/zoned-date.ts";

const DIGITS = "123e4567-e89b-12d3-a456-426614174000";
const berlin = { offsetSeconds: 7200, zone: "Europe/Berlin" };
const matrix = () => ndarray(Float64Array.of(1, 2, 3, 4), [2, 2]);

/** A value, one that is unequal in one part, and what `console.log` shows of the first. */
const PAIRS: [string, () => unknown, unknown, RegExp][] = [
  ["Decimal", () => new Decimal("19.99"), new Decimal("0.01"), /Decimal \{ text: '19\.99' \}/],
  ["Decimal with another precision", () => new Decimal("1.0"), new Decimal("1.00"), /1\.0/],
  ["Uuid", () => new Uuid(DIGITS), new Uuid(DIGITS.replace("123e", "223e")), /Uuid \{ text: '123e4567/],
  ["Complex", () => new Complex(1, 2), new Complex(1, -2), /Complex \{ re: 1, im: 2 \}/],
  ["PlainDate", () => new PlainDate(2024, 2, 29), new PlainDate(2024, 2, 28), /year: 2024, month: 2, day: 29/],
  ["PlainTime", () => new PlainTime(9, 30), new PlainTime(9, 30, { microsecond: 1 }), /hour: 9, minute: 30/],
  ["PlainTime with an offset", () => new PlainTime(9, 30), new PlainTime(9, 30, { offsetSeconds: 0 }), /minute: 30/],
  ["TimeDelta", () => new TimeDelta(0, 90), new TimeDelta(0, 91), /seconds: 90/],
  ["Unsendable", () => new Unsendable("a"), new Unsendable("b"), /what: 'a'/],
  ["Date", () => new Date(5), new Date(6), /1970/],
  ["ZonedDate with another moment", () => new ZonedDate(5, berlin), new ZonedDate(6, berlin), /Europe\/Berlin/],
  [
    "ZonedDate with other microseconds",
    () => new ZonedDate(5, { microseconds: 1 }),
    new ZonedDate(5, { microseconds: 2 }),
    /microseconds: 1/,
  ],
  [
    "ZonedDate in another zone",
    () => new ZonedDate(5, berlin),
    new ZonedDate(5, { ...berlin, zone: "Europe/Paris" }),
    /offsetSeconds: 7200/,
  ],
  ["a naive ZonedDate", () => new ZonedDate(5, { offsetSeconds: null }), new ZonedDate(5), /offsetSeconds: null/],
  ["a ZonedDate and a Date", () => new ZonedDate(5, berlin), new Date(5), /ZonedDate/],
  ["an array with another element", matrix, ndarray(Float64Array.of(1, 2, 3, 5), [2, 2]), /shape: \[ 2, 2 \]/],
  ["an array of another shape", matrix, ndarray(Float64Array.of(1, 2, 3, 4), [4, 1]), /dtype: 'float64'/],
  ["an array with dimensions", matrix, ndarray(Float64Array.of(1, 2, 3, 4)), /Float64Array/],
  [
    "an array of another dtype",
    () => ndarray(BigInt64Array.of(1n), [1], "datetime64[ns]"),
    ndarray(BigInt64Array.of(1n), [1], "datetime64[us]"),
    /datetime64\[ns\]/,
  ],
  ["booleans", () => ndarray(Uint8Array.of(1, 0), [2], "bool"), ndarray(Uint8Array.of(1, 0)), /bool/],
  ["bytes as numbers", () => ndarray(Uint8Array.of(1, 0)), Uint8Array.of(1, 0), /uint8/],
  ["a row of numbers", () => ndarray(Float32Array.of(1, 2)), ndarray(Float32Array.of(1, 3)), /Float32Array/],
];

describe("values of Python", () => {
  it.each(PAIRS)("are equal to equal ones only, in node:assert, vitest and jest: %s (V8)", (_, make, other) => {
    deepStrictEqual(make(), make());
    notDeepStrictEqual(make(), other);
    notDeepStrictEqual(other, make());
    expect(make()).toEqual(make());
    expect(make()).toStrictEqual(make());
    expect(make()).not.toEqual(other);
    expect(other).not.toEqual(make());
    expect(make()).not.toStrictEqual(other);
    jestExpect(make()).toEqual(make());
    jestExpect(make()).toStrictEqual(make());
    jestExpect(make()).not.toEqual(other);
    jestExpect(other).not.toEqual(make());
    // The toStrictEqual of jest compares the memory of two typed arrays of one class and nothing else.
    if (!ArrayBuffer.isView(make())) jestExpect(make()).not.toStrictEqual(other);
  });

  it.each(PAIRS)("are equal only inside of objects, arrays and maps too: %s (V8)", (_, make, other) => {
    const around = (value: unknown) => ({ list: [value], map: new Map([["a", value]]) });
    deepStrictEqual(around(make()), around(make()));
    notDeepStrictEqual(around(make()), around(other));
    expect(around(make())).toEqual(around(make()));
    expect(around(make())).not.toEqual(around(other));
    jestExpect(around(make())).toEqual(around(make()));
    jestExpect(around(make())).not.toEqual(around(other));
  });

  it.each(PAIRS)("show what they are when they are printed: %s (V8)", (_, make, __, printed) => {
    expect(inspect(make(), { breakLength: Number.POSITIVE_INFINITY })).toMatch(printed);
  });

  it.each(PAIRS)("are equal after they were sent: %s (V8)", (_, make) => {
    const { body, buffers } = encodeValue(make());
    deepStrictEqual(decodeValue(body, buffers), make());
  });

  it("equal a plain typed array exactly where that would be sent as the same array", () => {
    expect(ndarray(Float64Array.of(1, 2))).toStrictEqual(Float64Array.of(1, 2));
    deepStrictEqual(ndarray(Int32Array.of(1)), Int32Array.of(1));
    expect(ndarray(Uint8Array.of(1))).not.toEqual(Uint8Array.of(1));
  });
});

describe("clones of values of Python", () => {
  it("keep what they hold, from which the value is made again as documented (V8)", () => {
    const decimal = structuredClone(new Decimal("1.50")) as { text: string };
    deepStrictEqual(new Decimal(decimal.text), new Decimal("1.50"));
    const uuid = structuredClone(new Uuid(DIGITS)) as { text: string };
    deepStrictEqual(new Uuid(uuid.text), new Uuid(DIGITS));
    const { days, seconds, microseconds } = structuredClone(new TimeDelta(1, 2, 3));
    deepStrictEqual(new TimeDelta(days, seconds, microseconds), new TimeDelta(1, 2, 3));
    const { year, month, day } = structuredClone(new PlainDate(2024, 2, 29));
    deepStrictEqual(new PlainDate(year, month, day), new PlainDate(2024, 2, 29));
    const time = structuredClone(new PlainTime(9, 30, { offsetSeconds: 60 }));
    deepStrictEqual(new PlainTime(time.hour, time.minute, time), new PlainTime(9, 30, { offsetSeconds: 60 }));
    const { re, im } = structuredClone(new Complex(1, -2));
    deepStrictEqual(new Complex(re, im), new Complex(1, -2));
    const date = new ZonedDate(5, { ...berlin, microseconds: 7 });
    deepStrictEqual(new ZonedDate(structuredClone(date).getTime(), structuredClone({ ...date })), date);
  });

  it("are sent as objects with all of their fields, never as empty ones (V8)", () => {
    const { body } = encodeValue(structuredClone([new Decimal("1.50"), new Uuid(DIGITS), new TimeDelta(1)]));
    expect(decodeValue(body)).toEqual([{ text: "1.50" }, { text: DIGITS }, { days: 1, seconds: 0, microseconds: 0 }]);
  });

  it.each<[string, (array: NdArray<Float64Array>) => Float64Array]>([
    ["map", (array) => array.map((element) => element * 2)],
    ["slice", (array) => array.slice()],
    ["structuredClone", (array) => structuredClone(array)],
  ])("of arrays have the shape again with ndarray(): %s", (_, copy) => {
    const array = matrix();
    const copied = ndarray(copy(array), array.shape, array.dtype);
    expect([copied.shape, copied.dtype, copied.length]).toEqual([[2, 2], "float64", 4]);
    const { body, buffers } = encodeValue(copied);
    deepStrictEqual(decodeValue(body, buffers), copied);
  });
});
