import { ndarray } from "@snakepit/bridge-proto";
import { describe, expect, it } from "vitest";
import { decodeJson, encodeJson } from "./json-value.ts";

const LIMIT = 100_000;

const encoded = (value: unknown, maxBytes = LIMIT) => encodeJson(value, "result", maxBytes);

describe("values as JSON", () => {
  it("survive a round trip", () => {
    const value = { text: "héllo", list: [1, 2.5, -0.1, true, null], nested: { empty: {}, none: [] } };
    expect(decodeJson(encoded(value), "value")).toEqual(value);
  });

  it("can be bigints that a number represents exactly", () => {
    expect(encoded({ n: 12n }).toString()).toBe('{"n":12}');
  });

  it.each([
    ["a typed array", new Float64Array([1.5, -2]), [1.5, -2]],
    ["big integers", BigInt64Array.of(1n, -2n), [1, -2]],
    [
      "a matrix",
      ndarray(Int16Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["booleans", ndarray(Uint8Array.of(1, 0), [2], "bool"), [true, false]],
    ["numbers in bytes", ndarray(Uint8Array.of(1, 2), [2]), [1, 2]],
    ["an array without dimensions", ndarray(Float64Array.of(7), []), 7],
    ["rows without elements", ndarray(new Float64Array(0), [2, 0]), [[], []]],
    ["no rows", ndarray(new Float64Array(0), [0, 3]), []],
    ["three dimensions", ndarray(Uint8Array.of(1, 2, 3, 4), [2, 1, 2]), [[[1, 2]], [[3, 4]]]],
  ])("are converted from arrays to lists: %s", (_, array, lists) => {
    expect(JSON.parse(encoded({ array }).toString())).toEqual({ array: lists });
  });

  it("keep the keys __proto__ and constructor", () => {
    const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as unknown;
    expect(encoded(value).toString()).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it.each([
    ["a string", "x".repeat(LIMIT)],
    ["an array", new Float64Array(LIMIT)],
    ["an array of many rows without elements", ndarray(new Float64Array(0), [2 ** 40, 0])],
  ])("are limited in size: %s", (_, value) => {
    expect(() => encoded(value)).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
  });

  it.each([
    [{ a: [1, Number.NaN] }, "result.a[1]", /NaN/],
    [[Number.POSITIVE_INFINITY], "result[0]", /Infinity/],
    [{ big: 2n ** 60n }, "result.big", /2\^53/],
    [[Uint8Array.of(1)], "result[0]", /bytes/],
    [new Float64Array([1, Number.NaN]), "result[1]", /NaN/],
    [ndarray(new Float32Array([0, 0, 0, Number.NEGATIVE_INFINITY]), [2, 2]), "result[1][1]", /-Infinity/],
    [BigInt64Array.of(2n ** 60n), "result[0]", /2\^53/],
    [ndarray(new Float64Array(2), [1], "complex128"), "result", /complex128/],
    [ndarray(new BigInt64Array(2), [2], "datetime64[s]"), "result", /datetime64\[s\]/],
    [{ when: new Date(0) }, "result.when", /Date/],
    [new Map(), "result", /Map/],
    [{ f: undefined }, "result.f", /undefined/],
  ])("are rejected when JSON cannot represent them: %o", (value, path, message) => {
    expect(() => encoded(value)).toThrow(
      expect.objectContaining({
        code: "SERIALIZATION",
        message: expect.stringMatching(message),
        details: { path },
      }),
    );
  });

  it("are rejected when they contain themselves", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => encoded(cycle)).toThrow(expect.objectContaining({ code: "SERIALIZATION" }));
  });

  it.each([Buffer.from("{"), Buffer.from([0x22, 0xff, 0x22])])("are rejected when they are not JSON: %o", (text) => {
    expect(() => decodeJson(text, "value")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
