import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "../decode-value.ts";
import { encodeValue } from "../encode-value.ts";
import { Complex } from "./complex.ts";
import { Decimal } from "./decimal.ts";
import { ndarray } from "./ndarray.ts";
import { PlainDate } from "./plain-date.ts";
import { PlainTime } from "./plain-time.ts";
import { Unsendable } from "./unsendable.ts";
import { Uuid } from "./uuid.ts";
import { ZonedDate } from "./zoned-date.ts";

function failureOf(value: unknown): SnakepitError {
  try {
    encodeValue(value, { root: "args" });
  } catch (error) {
    if (error instanceof SnakepitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const sets = (...elements: unknown[]) => new Set(elements);
const UUID = "123e4567-e89b-12d3-a456-426614174000";

const EQUAL: readonly [name: string, left: unknown, right: unknown][] = [
  ["1 and true", 1, true],
  ["0 and false", 0, false],
  ["1 and 1n", 1, 1n],
  ["a float and a bigint", 1e300, BigInt(1e300)],
  ["1 and a decimal", 1, new Decimal("1.00")],
  ["0.5 and a decimal", 0.5, new Decimal("5e-1")],
  ["the decimal of a float", 0.1, new Decimal("0.1000000000000000055511151231257827021181583404541015625")],
  ["two decimals", new Decimal("10"), new Decimal("1e1")],
  ["zeros", new Decimal("-0"), 0n],
  ["infinities", Number.POSITIVE_INFINITY, new Decimal("Infinity")],
  ["2 and a complex", 2, new Complex(2, 0)],
  ["two complex numbers", new Complex(1, 2), new Complex(1, 2)],
  ["null and undefined", null, undefined],
  ["two UUIDs", new Uuid(UUID), new Uuid(UUID.toUpperCase())],
  ["two days", new PlainDate(2024, 1, 1), new PlainDate(2024, 1, 1)],
  ["a moment in two zones", new Date(0), new ZonedDate(0, { offsetSeconds: 3600 })],
  ["a time in two zones", new PlainTime(9, 0, { offsetSeconds: 0 }), new PlainTime(10, 0, { offsetSeconds: 3600 })],
  ["two tuples", [1, "a"], [true, "a"]],
  ["two sets", sets("a", "b"), sets("b", "a")],
  ["bytes", Uint8Array.of(1), Buffer.of(1)],
  ["a mark and its string", new Unsendable("x"), "<x>"],
];

const DIFFERENT: readonly unknown[] = [
  1,
  "1",
  0.1,
  new Decimal("0.1"),
  5e-324,
  2n ** 70n,
  new Complex(0, 1),
  Number.NaN,
  new Decimal("NaN"),
  null,
  new Date(0),
  new ZonedDate(0, { offsetSeconds: null }),
  new ZonedDate(0, { microseconds: 1 }),
  new PlainDate(1970, 1, 1),
  new PlainTime(9, 0),
  new PlainTime(9, 0, { offsetSeconds: 0 }),
  [1, 2],
  [2, 1],
  ["1,2"],
  sets(1, 2),
  Uint8Array.of(49),
  new Uuid(UUID),
  UUID,
];

const UNHASHABLE: readonly [name: string, value: unknown, what: RegExp][] = [
  ["an object", { a: 1 }, /an object/],
  ["an object within an array", [1, [{ a: 1 }]], /an object/],
  ["a Map", new Map([[1, 2]]), /a Map/],
  ["an array of numbers", Float64Array.of(1), /an array of numbers/],
  ["an ndarray of bytes", ndarray(Uint8Array.of(1)), /an array of numbers/],
  ["a signaling NaN", new Decimal("sNaN"), /a signaling NaN/],
];

describe("keys and elements that are equal in Python", () => {
  it.each(EQUAL)("are rejected before anything is sent, with the path and both keys (E2): %s", (_name, left, right) => {
    for (const [container, value] of [
      ["a Set with two elements", sets("other", left, right)],
      [
        "a Map with two keys",
        new Map([
          ["other", 0],
          [left, 1],
          [right, 2],
        ] as [unknown, unknown][]),
      ],
    ] as const) {
      const error = failureOf({ deep: [value] });
      expect(error.code).toBe("SERIALIZATION");
      expect(error.details["path"]).toBe("args.deep[0]");
      expect(error.message).toContain(`${container} that are equal in Python: `);
    }
  });

  it("are both in the message", () => {
    expect(failureOf(sets(1, true)).message).toContain("1 and true");
  });

  it("can be sent as the error suggests (E2)", () => {
    const [set, map] = [sets(1, true), new Map<unknown, unknown>([[1, "a"]]).set(true, "b")];
    expect(failureOf(set).message).toMatch(/; send an array, \[\.\.\.set]$/);
    expect(failureOf(map).message).toMatch(/; send an array of pairs, \[\.\.\.map]$/);
    for (const advised of [[...set], [...map]]) {
      const { body, buffers } = encodeValue(advised);
      expect(decodeValue(body, buffers)).toEqual(advised);
    }
  });

  it("do not include keys that differ in Python", () => {
    expect(() => encodeValue(new Set(DIFFERENT))).not.toThrow();
    expect(() => encodeValue(new Map(DIFFERENT.map((each) => [each, 1])))).not.toThrow();
  });

  it("are compared in linear time, however many digits they have", () => {
    // Quadratic time would be hours.
    const digits = `1${"0".repeat(2_000_000)}1`;
    const value = new Map([[new Decimal(digits), 1]]);
    expect(decodeValue(encodeValue(value).body)).toEqual(value);
  });
});

describe("keys and elements that Python cannot hash", () => {
  it.each(UNHASHABLE)("are rejected before anything is sent, with their path (E2): %s", (_name, value, what) => {
    const inSet = failureOf({ tags: sets("a", value) });
    expect(inSet.details["path"]).toBe("args.tags[1]");
    expect(inSet.message).toMatch(what);
    const inMap = failureOf({ tags: new Map<unknown, unknown>([["a", 1]]).set(value, 2) });
    expect(inMap.details["path"]).toBe("args.tags.keys()[1]");
    expect(inMap.message).toMatch(what);
  });

  it("are replaced with a mark together with their container on request", () => {
    const { body, buffers } = encodeValue({ tags: sets({ a: 1 }), after: 1 }, { unsendable: "mark" });
    const { tags, after } = decodeValue(body, buffers) as { tags: Unsendable; after: number };
    expect(tags).toBeInstanceOf(Unsendable);
    expect(after).toBe(1);
  });
});
