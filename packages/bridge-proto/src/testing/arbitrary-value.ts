import fc from "fast-check";
import { Complex } from "../values/extensions/complex.ts";
import { Decimal } from "../values/extensions/decimal.ts";
import { type Dtype, parseDtype } from "../values/extensions/dtype.ts";
import { ndarray } from "../values/extensions/ndarray.ts";
import { PlainDate } from "../values/extensions/plain-date.ts";
import { PlainTime } from "../values/extensions/plain-time.ts";
import { TimeDelta } from "../values/extensions/time-delta.ts";
import { Unsendable } from "../values/extensions/unsendable.ts";
import { Uuid } from "../values/extensions/uuid.ts";
import { ZonedDate } from "../values/extensions/zoned-date.ts";
import { toNotation } from "./notation.ts";

const EARLIEST = Date.UTC(1980, 0);
const LATEST = Date.UTC(2030, 0);

const DTYPES: readonly Dtype[] = [
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
  "datetime64",
  "datetime64[ns]",
  "datetime64[25s]",
  "timedelta64[us]",
];

const text = fc.string({ unit: "binary", maxLength: 300 });

const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(16_383, 16_384, 70_000).map((length) => new Uint8Array(length).fill(7)) },
);

const uuid = fc.uuid().map((digits) => new Uuid(digits));

const plainDate = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => new PlainDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()));

const fixedOffset = fc.integer({ min: -86_399, max: 86_399 });

const plainTime = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    fc.record({
      second: fc.integer({ min: 0, max: 59 }),
      microsecond: fc.integer({ min: 0, max: 999_999 }),
      offsetSeconds: fc.option(fixedOffset),
    }),
  )
  .map((parts) => new PlainTime(...parts));

const zonedDate = fc
  .record({
    ms: fc.integer({ min: EARLIEST, max: LATEST }),
    microseconds: fc.integer({ min: 0, max: 999 }),
    offsetSeconds: fc.option(fixedOffset),
    zone: fc.option(fc.constantFrom("Europe/Berlin", "America/New_York", "Asia/Kolkata")),
  })
  .map(({ ms, zone, ...parts }) =>
    zone === null ? new ZonedDate(ms, parts) : new ZonedDate(ms, { ...parts, zone, offsetSeconds: offsetAt(zone, ms) }),
  )
  // Without any of these, it would be returned as a plain Date.
  .filter((date) => date.microseconds > 0 || date.offsetSeconds !== 0 || date.zone !== null);

// With a non-zero digit before the point, Python formats the same string.
const decimal = fc
  .tuple(fc.integer({ min: 1 }), fc.stringMatching(/^\d{1,40}$/), fc.boolean())
  .map(([whole, fraction, negative]) => new Decimal(`${negative ? "-" : ""}${whole}.${fraction}`));

const array = fc
  .record({
    dtype: fc.constantFrom(...DTYPES),
    shape: fc.array(fc.constantFrom(0, 1, 2, 3, 7, 40), { maxLength: 3 }),
    seed: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  })
  .map(({ dtype, shape, seed }) => {
    const { itemBytes, arrayClass } = parseDtype(dtype)!.layout;
    const data = new Uint8Array(shape.reduce((product, length) => product * length, itemBytes));
    for (let index = 0; index < data.length; index++)
      data[index] = seed[index % seed.length]! & (dtype === "bool" ? 1 : 255);
    return ndarray(new arrayClass(data.buffer, 0, data.length / arrayClass.BYTES_PER_ELEMENT), shape, dtype);
  });

/** Values that JavaScript and Python both represent exactly, and that are different in both. */
const key = fc.oneof(
  text,
  fc.maxSafeInteger(),
  fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value))),
  fc.constant(null),
  uuid,
  plainDate,
  fc.uint8Array({ maxLength: 20 }),
  fc.array(fc.oneof(text, fc.maxSafeInteger()), { maxLength: 3 }),
);

const keys = fc.uniqueArray(key, { maxLength: 5, selector: (one) => JSON.stringify(toNotation(one)) });

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  text,
  bytes,
  fc.date({ min: new Date(EARLIEST), max: new Date(LATEST), noInvalidDate: true }),
  zonedDate,
  plainDate,
  plainTime,
  fc
    .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.nat(86_399), fc.nat(999_999))
    .map((parts) => new TimeDelta(...parts)),
  uuid,
  decimal,
  fc.tuple(fc.double(), fc.double()).map((parts) => new Complex(...parts)),
  array,
  text.map((what) => new Unsendable(what)),
);

/** Any value that can be sent, with at most three levels of containers. */
export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(text, tie("value"), { maxKeys: 20 }),
    fc
      .tuple(keys, fc.array(tie("value"), { minLength: 5, maxLength: 5 }))
      .map(([names, values]) => new Map(names.map((name, index) => [name, values[index]]))),
    keys.map((elements) => new Set(elements)),
  ),
})).value;

/** Returns the offset of a zone at a given time in seconds east of UTC, according to this runtime. */
function offsetAt(zone: string, ms: number): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  const magnitude = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  return sign === "-" ? -magnitude : magnitude;
}
