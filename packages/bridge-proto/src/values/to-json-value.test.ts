import { describe, expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { Complex } from "./extensions/complex.ts";
import { Decimal } from "./extensions/decimal.ts";
import type { Dtype, TypedArray } from "./extensions/dtype.ts";
import { ndarray } from "./extensions/ndarray.ts";
import { PlainDate } from "./extensions/plain-date.ts";
import { Uuid } from "./extensions/uuid.ts";
import { toJsonValue } from "./to-json-value.ts";

const ARRAYS: [string, TypedArray, number[], Dtype, unknown][] = [
  ["a row", Float32Array.of(0, 1.5), [2], "float32", [0, 1.5]],
  [
    "a matrix",
    Float64Array.of(1, 2, 3, 4, 5, 6),
    [2, 3],
    "float64",
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
  ["three dimensions", Int8Array.of(1, 2, 3, 4), [2, 1, 2], "int8", [[[1, 2]], [[3, 4]]]],
  ["no dimension", Float64Array.of(7), [], "float64", 7],
  ["NaN and infinities", Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY), [2], "float64", [null, null]],
  ["booleans", Uint8Array.of(1, 0), [2], "bool", [true, false]],
  ["bytes as numbers", Uint8Array.of(1, 2), [2], "uint8", [1, 2]],
  ["small 64-bit integers", BigInt64Array.of(-1n, 2n), [2], "int64", [-1, 2]],
  [
    "complex numbers",
    Float64Array.of(1, 2, 3, 4),
    [2],
    "complex128",
    [
      { re: 1, im: 2 },
      { re: 3, im: 4 },
    ],
  ],
  ["times", BigInt64Array.of(5n, -(2n ** 63n)), [2], "datetime64[s]", [5, null]],
  ["halves in bits", Uint16Array.of(0x3800, 0xc000, 0x0001, 0x7c00), [4], "float16", [0.5, -2, 2 ** -24, null]],
  ["long doubles", new Uint8Array(16), [1], "float128", [Array.from({ length: 16 }, () => 0)]],
  ["rows without elements", new Float64Array(0), [2, 0], "float64", [[], []]],
  ["no rows", new Float64Array(0), [0, 3], "float64", []],
];

describe("an array of numpy", () => {
  it.each(ARRAYS)(
    "is nested arrays in JSON.stringify, made here or received: %s (E12)",
    (_, data, shape, dtype, json) => {
      const made = ndarray(data, shape, dtype);
      expect(JSON.parse(JSON.stringify({ made }))).toEqual({ made: json });
      const { body, buffers } = encodeValue(made);
      expect(JSON.parse(JSON.stringify([decodeValue(body, buffers)]))).toEqual([json]);
      expect(JSON.parse(JSON.stringify(toJsonValue(made)))).toEqual(json);
    },
  );

  it("has the numbers of a plain typed array that was sent", () => {
    expect(JSON.stringify(decodeValue(encodeValue(Float32Array.of(0, 1)).body))).toBe("[0,1]");
  });

  it("does not become very many empty rows", () => {
    expect(() => JSON.stringify(ndarray(new Float64Array(0), [2 ** 40, 0]))).toThrow(
      /as JSON; write its shape instead/,
    );
  });
});

describe("toJsonValue()", () => {
  const big = 2n ** 60n + 1n;

  it("writes integers that a number does not hold as the option says (E12)", () => {
    const value = { one: big, list: [1n, big], array: ndarray(BigInt64Array.of(big, 1n, 2n, 3n), [2, 2]), row: [big] };
    expect(() => JSON.stringify(value)).toThrow(TypeError);
    const text = big.toString();
    expect(toJsonValue(value)).toEqual({
      one: text,
      list: [1, text],
      array: [
        [text, 1],
        [2, 3],
      ],
      row: [text],
    });
    expect(toJsonValue(value, { bigint: "number" })).toEqual({
      one: 2 ** 60,
      list: [1, 2 ** 60],
      array: [
        [2 ** 60, 1],
        [2, 3],
      ],
      row: [2 ** 60],
    });
    expect(() => toJsonValue(value, { bigint: "error" })).toThrow(
      `cannot write ${text} as a JSON number; use bigint: "string"`,
    );
    expect(toJsonValue({ n: 5n }, { bigint: "error" })).toEqual({ n: 5 });
  });

  it("writes what JSON has no form for, and loses nothing", () => {
    const value = {
      byName: new Map([["a", new Set([1])]]),
      byNumber: new Map([[1, new Map([[null, 2]])]]),
      bytes: Uint8Array.of(1, 2, 3),
      memory: Uint8Array.of(255).buffer,
      plain: Float64Array.of(1, 2),
      decimal: new Decimal("1.50"),
      uuid: new Uuid("123e4567-e89b-12d3-a456-426614174000"),
      day: new PlainDate(2024, 2, 29),
      complex: new Complex(1, 2),
      date: new Date(0),
      none: null,
    };
    expect(JSON.parse(JSON.stringify(toJsonValue(value)))).toEqual({
      byName: { a: [1] },
      byNumber: [[1, [[null, 2]]]],
      bytes: "AQID",
      memory: "/w==",
      plain: [1, 2],
      decimal: "1.50",
      uuid: "123e4567-e89b-12d3-a456-426614174000",
      day: "2024-02-29",
      complex: { re: 1, im: 2 },
      date: "1970-01-01T00:00:00.000Z",
      none: null,
    });
  });

  it("refuses a value that contains itself, and keeps the key __proto__ a key", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => toJsonValue(circle)).toThrow(/contains itself/);
    const hostile = JSON.parse('{"__proto__": {"a": 1}}') as unknown;
    expect(JSON.stringify(toJsonValue(hostile))).toBe('{"__proto__":{"a":1}}');
  });
});
