import { SnakepitError } from "@snakepit/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { decodeValue } from "../decode-value.ts";
import { encodeValue } from "../encode-value.ts";
import type { Dtype, TypedArray } from "./dtype.ts";
import { isNdArray, type NdArray, ndarray } from "./ndarray.ts";

function roundTrip(value: unknown): unknown {
  const { body, buffers } = encodeValue(value);
  return decodeValue(body, buffers);
}

const TYPED_ARRAYS: readonly [TypedArray, Dtype][] = [
  [Int8Array.of(-1, 2), "int8"],
  [Uint16Array.of(1, 2), "uint16"],
  [Int16Array.of(-1, 2), "int16"],
  [Uint32Array.of(1, 2), "uint32"],
  [Int32Array.of(-1, 2), "int32"],
  [BigUint64Array.of(1n, 2n ** 64n - 1n), "uint64"],
  [BigInt64Array.of(-1n, 2n), "int64"],
  [Float32Array.of(0.5, Number.NaN), "float32"],
  [Float64Array.of(-0, Number.POSITIVE_INFINITY), "float64"],
];

describe("a typed array", () => {
  it.each(TYPED_ARRAYS)("is returned with its shape and dtype: %o", (array, dtype) => {
    const received = roundTrip(array) as NdArray;
    expect(received).toEqual(array);
    expect(received.constructor).toBe(array.constructor);
    expect(received.shape).toEqual([2]);
    expect(received.dtype).toBe(dtype);
    expect(Object.keys(received)).toEqual(["0", "1"]);
  });

  it("is sent as bytes if it is a Uint8Array without a shape, and as numbers with a shape", () => {
    const bytes = Uint8Array.of(1, 2);
    expect(isNdArray(roundTrip(bytes))).toBe(false);
    expect(isNdArray(roundTrip(ndarray(bytes)))).toBe(true);
    expect((roundTrip(Uint8ClampedArray.of(1, 2)) as NdArray).dtype).toBe("uint8");
  });

  it.skipIf(typeof Float16Array === "undefined")("is a Float16Array where the runtime has it", () => {
    const received = roundTrip(Float16Array.of(0.5, 65_504)) as NdArray;
    expect(received).toEqual(Float16Array.of(0.5, 65_504));
    expect(received.dtype).toBe("float16");
    expect(roundTrip(ndarray(Uint16Array.of(0x3800), [1], "float16"))).toEqual(Float16Array.of(0.5));
  });

  it("can be a view of a part of its buffer", () => {
    const memory = Float64Array.from({ length: 10_000 }, (_, index) => index);
    expect(roundTrip(memory.subarray(3, 5))).toEqual(Float64Array.of(3, 4));
    expect(roundTrip(memory.subarray(1, 9_000))).toEqual(memory.subarray(1, 9_000));
  });
});

describe("ndarray()", () => {
  it("sets the shape and dtype of elements without copying or changing them", () => {
    const data = Float32Array.from({ length: 6 }, (_, index) => index);
    const matrix = ndarray(data, [2, 3]);
    expectTypeOf(matrix).toEqualTypeOf<NdArray<Float32Array<ArrayBuffer>>>();
    expect(matrix.shape).toEqual([2, 3]);
    expect(matrix.dtype).toBe("float32");
    expect(matrix.buffer).toBe(data.buffer);
    expect(isNdArray(data)).toBe(false);
    expect(roundTrip(matrix)).toEqual(matrix);
    expect((roundTrip(matrix) as NdArray).shape).toEqual([2, 3]);
    expect(ndarray(matrix, [3, 2]).shape).toEqual([3, 2]);
  });

  it.each<[TypedArray, number[], Dtype]>([
    [Float64Array.of(1, 2, 3, 4), [2], "complex128"],
    [Float32Array.of(1, 2), [1], "complex64"],
    [Uint8Array.of(1, 0), [2], "bool"],
    [BigInt64Array.of(-(2n ** 63n)), [1], "datetime64[ns]"],
    [BigInt64Array.of(7n), [], "timedelta64[25s]"],
    [BigInt64Array.of(7n), [1], "datetime64"],
    [new Uint8Array(16), [1], "float128"],
    [new Float64Array(0), [0, 5], "float64"],
  ])("supports other dtypes: %o %o %s", (data, shape, dtype) => {
    const received = roundTrip(ndarray(data, shape, dtype)) as NdArray;
    expect(received.constructor).toBe(data.constructor);
    expect([...received]).toEqual([...data]);
    expect(received.shape).toEqual(shape);
    expect(received.dtype).toBe(dtype);
  });

  it("supports one dimension of a dtype with larger elements", () => {
    expect(ndarray(Float64Array.of(1, 2, 3, 4), undefined, "complex128").shape).toEqual([2]);
  });

  it("accepts a Buffer", () => {
    const matrix = ndarray(Buffer.from([1, 2, 3, 4]), [2, 2]);
    expect(matrix.constructor).toBe(Uint8Array);
    expect([...matrix]).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a shape of more",
      () => ndarray(new Float64Array(5), [2, 3]),
      /the shape \[2, 3\] of float64 requires 48 bytes; got 40/,
    ],
    ["a broken shape", () => ndarray(new Float64Array(5), [-5]), /non-negative integers; got \[-5\]/],
    ["half an element", () => ndarray(Float64Array.of(1, 2, 3), undefined, "complex128"), /got \[1\.5\]/],
    [
      "another dtype",
      () => ndarray(new Float64Array(1), [1], "int64"),
      /int64 must be in a BigInt64Array; got a Float64Array/,
    ],
    [
      "no dtype",
      () => ndarray(new Float64Array(1), [1], "float63" as Dtype),
      /unknown dtype "float63"; use bool, int8, .*, float64,/,
    ],
    ["no unit", () => ndarray(new BigInt64Array(1), [1], "datetime64[weeks]"), /unknown dtype "datetime64\[weeks\]"/],
    [
      "rows of numbers (E8)",
      () =>
        ndarray([
          [1, 2, 3],
          [4, 5, 6],
        ] as never),
      /must be in a typed array; got .*; write ndarray\(new Float64Array\(rows\.flat\(\)\), \[2, 3\]\)$/,
    ],
    ["numbers (E8)", () => ndarray([1, 2] as never), /; write ndarray\(new Float64Array\(values\)\)$/],
    ["three dimensions (E8)", () => ndarray([[[1], [2]]] as never), /Float64Array\(rows\.flat\(2\)\), \[1, 2, 1\]\)$/],
    ["a buffer without elements (E8)", () => ndarray(new ArrayBuffer(8) as never), /must be in a typed array/],
    ["a view of bytes (E8)", () => ndarray(new DataView(new ArrayBuffer(8)) as never), /must be in a typed array/],
    ["null (E8)", () => ndarray(null as never), /must be in a typed array; got null/],
    [
      "a number as the shape (E8)",
      () => ndarray(new Float64Array(4), 4 as never),
      /array of sizes; got 4; write \[4\]/,
    ],
    ["a unit of none", () => ndarray(new BigInt64Array(1), [1], "int64[ns]" as Dtype), /unknown dtype/],
  ])("rejects %s", (_, make, message) => {
    expect(make).toThrow(SnakepitError);
    expect(make).toThrow(message);
  });

  it("is not required for arrays with shape and dtype, which are checked when they are sent", () => {
    const forged = Object.assign(new Float64Array(2), { shape: [3], dtype: "float64" });
    expect(() => encodeValue({ forged }, { root: "args" })).toThrow(
      /^args\.forged: cannot send an array with a wrong shape or dtype .*; create it with ndarray\(\)$/,
    );
  });
});
