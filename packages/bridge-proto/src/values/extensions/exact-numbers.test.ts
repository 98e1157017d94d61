import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "../decode-value.ts";
import { encodeValue } from "../encode-value.ts";
import { Complex } from "./complex.ts";
import { Decimal } from "./decimal.ts";
import { Uuid } from "./uuid.ts";

function roundTrip(value: unknown): unknown {
  return decodeValue(encodeValue(value).body);
}

describe("Uuid", () => {
  it("is returned unchanged, in lower case", () => {
    const uuid = new Uuid("123E4567-E89B-12D3-A456-426614174000");
    expect(String(roundTrip(uuid))).toBe("123e4567-e89b-12d3-a456-426614174000");
    expect(JSON.stringify([uuid])).toBe('["123e4567-e89b-12d3-a456-426614174000"]');
  });

  it("rejects an invalid number", () => {
    expect(() => new Uuid("123e4567")).toThrow(SnakepitError);
    expect(() => new Uuid("123e4567")).toThrow(/a UUID must have the form .*; got "123e4567"/);
  });
});

describe("Decimal", () => {
  it.each(["0", "-12.50", ".5", "5.", "1E+3", "1e-30", "Infinity", "-inf", "NaN", "sNaN12"])(
    "comes back: %s",
    (text) => {
      expect(String(roundTrip(new Decimal(text)))).toBe(text);
    },
  );

  it.each(["", "abc", "1,5", "1 ", "0x10", "--1", "1e", "."])("rejects %o", (text) => {
    expect(() => new Decimal(text)).toThrow(SnakepitError);
  });

  it("checks a string of any length in linear time", () => {
    // Quadratic time would be hours.
    const digits = "1".repeat(2_000_000);
    expect(() => new Decimal(`${digits}x`)).toThrow(SnakepitError);
    expect(new Decimal(digits).value).toHaveLength(2_000_000);
  });

  it("rejects a number, whose digits may not be those that were meant", () => {
    expect(() => new Decimal(1.5 as never)).toThrow(/^a decimal must be a string with a number, .*; got 1\.5$/);
  });
});

describe("Complex", () => {
  it.each([
    [new Complex(1, 2), "1+2j"],
    [new Complex(-0.5, -0), "-0.5-0j"],
    [new Complex(0, Number.NEGATIVE_INFINITY), "0-Infinityj"],
  ])("is returned unchanged: %s", (value, text) => {
    expect(roundTrip(value)).toEqual(value);
    expect(String(value)).toBe(text);
  });
});
