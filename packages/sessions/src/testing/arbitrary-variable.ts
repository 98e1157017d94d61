import fc from "fast-check";
import { CONSTRAINTS_OF, type ConstraintName, VARIABLE_TYPES } from "../variables/types/variable-type.ts";
import { arbitraryPattern, arbitraryText } from "./arbitrary-pattern.ts";
import type { Notation } from "./value-notation.ts";
import type { VariableCase } from "./variable-cases.ts";

const integer: fc.Arbitrary<Notation> = fc
  .oneof(
    fc.integer({ min: -3, max: 5 }).map(BigInt),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 10n ** 20n, 10n ** 21n, 10n ** 40n, 10n ** 400n),
  )
  .map((value) => ({ int: String(value) }));

const float: fc.Arbitrary<Notation> = fc
  .oneof(
    fc.double(),
    fc.integer({ min: -6, max: 10 }).map((half) => half / 2),
    fc.integer({ min: -330, max: 308 }).map((exponent) => 10 ** exponent),
    fc.constantFrom(2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1e21, -0),
  )
  .map((value) => ({ float: hexOf(Float64Array.of(value).reverse()) }));

const text: fc.Arbitrary<Notation> = fc.oneof(
  arbitraryText,
  fc.string({ unit: "grapheme", maxLength: 70 }),
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.constantFrom("a", "b", "pkg.mod", "pkg.mod:Class", "pkg.", "float32"),
);

const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });

const DTYPES = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, uint8: Uint8Array } as const;

const array: fc.Arbitrary<Notation> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(DTYPES) as (keyof typeof DTYPES)[])),
    shape,
    number: fc.oneof({ weight: 5, arbitrary: fc.nat(9) }, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  })
  .map(({ dtype, shape, number, big }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const elements = dtype === "int64" ? new BigInt64Array(length).fill(big) : new DTYPES[dtype](length).fill(number);
    return { ndarray: { dtype, shape, data: Buffer.from(elements.buffer).toString("hex") } };
  });

const value: fc.Arbitrary<Notation> = fc.letrec<{ value: Notation }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(null, true, false, { bytes: "00ff" }, { set: [] }, { date: "2026-01-31" }),
    integer,
    float,
    text,
    array,
    fc.array(fc.oneof(integer, float, tie("value")), { maxLength: 4 }).map((elements) => ({ array: elements })),
  ),
})).value;

const count: fc.Arbitrary<Notation> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -1, max: 6 }).map((size) => ({ int: String(size) })) },
  { weight: 1, arbitrary: value },
);

const SETTINGS: Readonly<Record<ConstraintName, fc.Arbitrary<Notation>>> = {
  min: fc.oneof(integer, float),
  max: fc.oneof(integer, float),
  minLength: count,
  maxLength: count,
  // Valid patterns only: the reason in an error depends on the engine.
  pattern: fc.oneof({ weight: 3, arbitrary: arbitraryPattern }, integer),
  choices: fc.array(fc.oneof({ weight: 9, arbitrary: text }, value), { maxLength: 12 }).map((array) => ({ array })),
  dimensions: count,
  shape: fc.array(fc.oneof(fc.constant(null), count), { maxLength: 3 }).map((array) => ({ array })),
  dtype: fc.constantFrom(...Object.keys(DTYPES), "bool", "float31"),
};

/** A definition, usually valid, and a value that may be valid for it, or no value. */
export const arbitraryVariable: fc.Arbitrary<VariableCase> = fc.constantFrom(...VARIABLE_TYPES).chain((type) => {
  const own = Object.fromEntries(CONSTRAINTS_OF[type].map((name) => [name, SETTINGS[name]]));
  const constraints = fc.oneof(
    { weight: 12, arbitrary: fc.record(own, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.record({ ...own, ...SETTINGS }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), value, { maxKeys: 2 }) },
  ) as fc.Arbitrary<Record<string, Notation>>;
  const matching: Readonly<Record<(typeof VARIABLE_TYPES)[number], fc.Arbitrary<Notation>>> = {
    string: text,
    integer,
    float: fc.oneof(integer, float),
    boolean: fc.boolean(),
    choice: text,
    module: text,
    embedding: fc.oneof(
      array,
      fc.array(fc.oneof(integer, float)).map((elements) => ({ array: elements })),
    ),
    tensor: array,
  };
  return fc
    .record({
      constraints,
      value: fc.option(fc.oneof({ weight: 4, arbitrary: matching[type] }, value), { nil: undefined }),
    })
    .map((rest) =>
      rest.value === undefined ? { type, constraints: rest.constraints } : { type, ...rest, value: rest.value },
    );
});

function hexOf(array: Float64Array): string {
  return Buffer.from(array.buffer).reverse().toString("hex");
}
