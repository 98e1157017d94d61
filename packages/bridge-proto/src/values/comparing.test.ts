import assert from "node:assert/strict";
import { inspect } from "node:util";
import { expect as jestExpect } from "expect";
import { describe, expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { Complex } from "./extensions/complex.ts";
import { Decimal } from "./extensions/decimal.ts";
import { ndarray } from "./extensions/ndarray.ts";
import { PlainDate } from "./extensions/plain-date.ts";
import { PlainTime } from "./extensions/plain-time.ts";
import { TimeDelta } from "./extensions/time-delta.ts";
import { Unsendable } from "./extensions/unsendable.ts";
import { Uuid } from "./extensions/uuid.ts";
import { ZonedDate } from "./extensions/zoned-date.ts";

const UUID = "123e4567-e89b-12d3-a456-42661417400";

/** Each function creates a value; all but the first differ from the first in one property. */
const VALUES: Readonly<Record<string, readonly (() => object)[]>> = {
  Decimal: [() => new Decimal("19.99"), () => new Decimal("0.01"), () => new Decimal("19.990")],
  Uuid: [() => new Uuid(`${UUID}0`), () => new Uuid(`${UUID}1`)],
  Complex: [() => new Complex(1, 2), () => new Complex(1, 3), () => new Complex(2, 2)],
  PlainDate: [() => new PlainDate(2024, 2, 29), () => new PlainDate(2024, 2, 28), () => new PlainDate(2020, 2, 29)],
  PlainTime: [
    () => new PlainTime(9, 30),
    () => new PlainTime(9, 30, { microsecond: 1 }),
    () => new PlainTime(9, 30, { offsetSeconds: 0 }),
    () => new PlainTime(9, 30, { zone: "Europe/Berlin" }),
  ],
  TimeDelta: [() => new TimeDelta(1), () => new TimeDelta(1, 1), () => new TimeDelta(1, 0, 1), () => new TimeDelta(-1)],
  Date: [() => new Date(0), () => new Date(1)],
  ZonedDate: [
    () => new ZonedDate(0, { offsetSeconds: 3600, zone: "Europe/Berlin" }),
    () => new ZonedDate(1, { offsetSeconds: 3600, zone: "Europe/Berlin" }),
    () => new ZonedDate(0, { offsetSeconds: 3600, zone: "Europe/Berlin", microseconds: 1 }),
    () => new ZonedDate(0, { offsetSeconds: 3600, zone: "Europe/Paris" }),
    () => new ZonedDate(0, { offsetSeconds: 3600 }),
    () => new ZonedDate(0, { offsetSeconds: null }),
  ],
  Unsendable: [() => new Unsendable("a.B"), () => new Unsendable("a.C")],
  ndarray: [
    () => ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    () => ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
    () => ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [6]),
    () => ndarray(Float64Array.of(1, 2, 3, 4, 5, 7), [2, 3]),
    () => ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3], "complex128"),
    () => ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
  ],
  "ndarray of time": [
    () => ndarray(BigInt64Array.of(1n), [1], "datetime64[ns]"),
    () => ndarray(BigInt64Array.of(1n), [1], "datetime64[us]"),
    () => ndarray(BigInt64Array.of(1n), [1], "timedelta64[ns]"),
    () => ndarray(BigInt64Array.of(1n), [1]),
  ],
  "ndarray of bool": [() => ndarray(Uint8Array.of(1), [1], "bool"), () => ndarray(Uint8Array.of(1), [1])],
};

const CASES = Object.entries(VALUES).flatMap(([name, [first, ...others]]) =>
  others.map((other, index) => ({ name: `${name} ${index + 1}`, first: first as () => object, other })),
);

describe("two values of one type", () => {
  it.each(CASES)(
    "are equal to node:assert, Vitest and Jest exactly when nothing differs (V8): $name",
    ({ first, other }) => {
      for (const wrap of [(value: object) => value, (value: object) => ({ list: [value] })]) {
        assert.deepStrictEqual(wrap(first()), wrap(first()));
        expect(wrap(first())).toEqual(wrap(first()));
        expect(wrap(first())).toStrictEqual(wrap(first()));
        jestExpect(wrap(first())).toEqual(wrap(first()));
        jestExpect(wrap(first())).toStrictEqual(wrap(first()));

        assert.notDeepStrictEqual(wrap(first()), wrap(other()));
        expect(wrap(first())).not.toEqual(wrap(other()));
        expect(wrap(first())).not.toStrictEqual(wrap(other()));
        jestExpect(wrap(first())).not.toEqual(wrap(other()));
        // Jest's toStrictEqual compares only the bytes of two views, not their properties.
        if (!ArrayBuffer.isView(first())) jestExpect(wrap(first())).not.toStrictEqual(wrap(other()));
      }
    },
  );

  it.each(CASES)("are printed differently (V8): $name", ({ first, other }) => {
    expect(inspect(first())).not.toBe(inspect(other()));
  });
});

describe("a value that is printed or cloned", () => {
  it("shows its digits (V8)", () => {
    expect(inspect(new Decimal("19.99"))).toBe("Decimal { value: '19.99' }");
    const date = new ZonedDate(0, { offsetSeconds: 3600, zone: "Europe/Berlin", microseconds: 5 });
    expect(inspect(date)).toBe("ZonedDate(1970-01-01T01:00:00.000005+01:00[Europe/Berlin])");
    expect(inspect(new Uuid(`${UUID}0`))).toContain(`${UUID}0`);
    expect(inspect(ndarray(Float64Array.of(1, 2), [2, 1]))).toMatch(/shape: \[ 2, 1 ]/);
  });

  it("keeps its digits in a structured clone, from which the class recreates the value (V8)", () => {
    const { decimal, uuid, day } = structuredClone({
      decimal: new Decimal("19.99"),
      uuid: new Uuid(`${UUID}0`),
      day: new PlainDate(2024, 2, 29),
    });
    assert.deepStrictEqual(new Decimal(decimal.value), new Decimal("19.99"));
    assert.deepStrictEqual(new Uuid(uuid.value), new Uuid(`${UUID}0`));
    expect({ ...day }).toEqual({ year: 2024, month: 2, day: 29 });
  });

  it("is compared by its current time if a ZonedDate was changed", () => {
    const date = new ZonedDate(0, { offsetSeconds: 3600 });
    date.setTime(5);
    expect(date.epochMs).toBe(5);
    expect(date).toEqual(new ZonedDate(5, { offsetSeconds: 3600 }));
  });
});

describe("an array that JavaScript has mapped, sliced or cloned", () => {
  const image = ndarray(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const roundTrip = (value: unknown) => {
    const { body, buffers } = encodeValue(value);
    return decodeValue(body, buffers);
  };

  it.each([
    ["map", (array: typeof image) => array.map((each) => each)],
    ["slice", (array: typeof image) => array.slice()],
    ["structuredClone", (array: typeof image) => structuredClone(array)],
  ] as const)("keeps the shape and dtype that ndarray() sets, as documented: %s", (_name, copy) => {
    expect(roundTrip(ndarray(copy(image) as Uint8Array, image.shape, image.dtype))).toEqual(image);
  });
});
