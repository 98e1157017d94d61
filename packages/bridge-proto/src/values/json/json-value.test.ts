import { describe, expect, it } from "vitest";
import { Complex } from "../extensions/complex.ts";
import { Decimal } from "../extensions/decimal.ts";
import { ndarray } from "../extensions/ndarray.ts";
import { PlainDate } from "../extensions/plain-date.ts";
import { TimeDelta } from "../extensions/time-delta.ts";
import { Uuid } from "../extensions/uuid.ts";
import { ZonedDate } from "../extensions/zoned-date.ts";
import { jsonValue } from "./json-value.ts";

const LARGE = 2n ** 53n + 1n;

describe("JSON.stringify of a numpy array", () => {
  it.each([
    [ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]), "[[1,2,3],[4,5,6]]"],
    [ndarray(Float32Array.of(0.5)), "[0.5]"],
    [ndarray(Int8Array.of(7), []), "7"],
    [ndarray(new Float64Array(0), [0]), "[]"],
    [ndarray(new Float64Array(0), [2, 0]), "[[],[]]"],
    [ndarray(Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY)), "[null,null]"],
    [ndarray(BigInt64Array.of(1n, -2n)), "[1,-2]"],
    [ndarray(BigUint64Array.of(3n)), "[3]"],
    [ndarray(Uint8Array.of(1, 0), [2], "bool"), "[true,false]"],
    [ndarray(Float64Array.of(1, 2), [1], "complex128"), '[{"re":1,"im":2}]'],
    [
      ndarray(
        Int16Array.from({ length: 8 }, (_, index) => index),
        [2, 2, 2],
      ),
      "[[[0,1],[2,3]],[[4,5],[6,7]]]",
    ],
  ])("writes nested arrays (E12): %s", (array, text) => {
    expect(JSON.stringify(array)).toBe(text);
    expect(JSON.stringify({ nested: [array] })).toBe(`{"nested":[${text}]}`);
  });

  it("writes an integer that a number cannot represent as a string, without losing digits (E12)", () => {
    expect(JSON.stringify(ndarray(BigInt64Array.of(LARGE, 1n)))).toBe('["9007199254740993",1]');
  });

  it("writes elements that are not numbers in JavaScript with their dtype and shape", () => {
    expect(JSON.stringify(ndarray(BigInt64Array.of(1n, 2n), [2, 1], "datetime64[ns]"))).toBe(
      '{"dtype":"datetime64[ns]","shape":[2,1],"data":[1,2]}',
    );
    expect(JSON.stringify(ndarray(new Uint8Array(16), [1], "float128"))).toContain('"dtype":"float128"');
  });
});

describe("jsonValue()", () => {
  it("converts every value from Python to JSON (E12)", () => {
    const value = {
      id: LARGE,
      small: 5n,
      bytes: Uint8Array.of(1, 2, 255),
      typed: Float32Array.of(0.5),
      ids: ndarray(BigInt64Array.of(1n, LARGE)),
      when: new ZonedDate(0, { offsetSeconds: 3600, microseconds: 5, zone: "Europe/Berlin" }),
      utc: new Date(0),
      day: new PlainDate(2024, 2, 29),
      length: new TimeDelta(0, 90),
      price: new Decimal("19.90"),
      uuid: new Uuid("123e4567-e89b-12d3-a456-426614174000"),
      z: new Complex(1, -1),
      tags: new Set(["a", 1]),
      byNumber: new Map([
        [1, "a"],
        [2, "b"],
      ]),
      byDay: new Map([[new PlainDate(2024, 1, 1), LARGE]]),
      mixed: new Map<unknown, unknown>([
        [1, "a"],
        ["1", "b"],
      ]),
      nan: Number.NaN,
      none: null,
      ["__proto__"]: 1,
    };
    expect(JSON.parse(JSON.stringify(jsonValue(value)))).toEqual({
      id: "9007199254740993",
      small: 5,
      bytes: "AQL/",
      typed: [0.5],
      ids: [1, "9007199254740993"],
      when: "1970-01-01T01:00:00.000005+01:00",
      utc: "1970-01-01T00:00:00.000Z",
      day: "2024-02-29",
      length: "P0DT90S",
      price: "19.90",
      uuid: "123e4567-e89b-12d3-a456-426614174000",
      z: { re: 1, im: -1 },
      tags: ["a", 1],
      byNumber: { 1: "a", 2: "b" },
      byDay: [["2024-01-01", "9007199254740993"]],
      mixed: [
        [1, "a"],
        ["1", "b"],
      ],
      nan: null,
      none: null,
      ["__proto__"]: 1,
    });
  });

  it("converts integers beyond 2^53 as the option specifies", () => {
    expect(jsonValue([LARGE], { bigint: "number" })).toEqual([Number(LARGE)]);
    expect(jsonValue([LARGE], { bigint: "string" })).toEqual([String(LARGE)]);
    expect(() => jsonValue({ a: [LARGE] }, { bigint: "error" })).toThrow(
      /^value\.a\[0]: JSON cannot represent .* exactly/,
    );
  });

  it("rejects a part that JSON cannot represent, and an unknown option", () => {
    expect(() => jsonValue(Promise.resolve(1))).toThrow(/JSON cannot represent a Promise; await it first/);
    expect(() => jsonValue({ a: [() => 1] })).toThrow(/^value\.a\[0]: JSON cannot represent a function/);
    expect(() => jsonValue(1, { bigint: "text" as "string" })).toThrow(
      'bigint must be "string", "number" or "error"; got "text"',
    );
    expect(() => jsonValue(1, { bigInt: "string" } as object)).toThrow("bigInt is not an option of jsonValue()");
    expect(() => jsonValue(1n, "string" as never)).toThrow('got "string"; write { bigint: "string" }');
    expect([1, 2n ** 60n].map(jsonValue as (value: unknown) => unknown)).toEqual([1, "1152921504606846976"]);
  });

  it("rejects a value that contains itself", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => jsonValue(cycle)).toThrow(/deeper than 255/);
  });
});
