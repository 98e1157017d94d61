import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { Complex } from "./extensions/complex.ts";
import { Decimal } from "./extensions/decimal.ts";
import { ndarray } from "./extensions/ndarray.ts";
import { PlainDate } from "./extensions/plain-date.ts";
import { PlainTime } from "./extensions/plain-time.ts";
import { TimeDelta } from "./extensions/time-delta.ts";
import { Uuid } from "./extensions/uuid.ts";
import { ZonedDate } from "./extensions/zoned-date.ts";

function failureOf(value: unknown): SnakepitError {
  try {
    encodeValue(value, { root: "args" });
  } catch (error) {
    if (error instanceof SnakepitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function roundTrip(value: unknown): unknown {
  const { body, buffers } = encodeValue(value);
  return decodeValue(body, buffers);
}

const DIGITS = "123e4567-e89b-12d3-a456-426614174000";
const NOON = Date.UTC(2024, 0, 1, 12);

describe("keys that Python counts as equal", () => {
  const equal: [string, unknown, unknown][] = [
    ["a number and a boolean", 1, true],
    ["zero and false", 0, false],
    ["a number and a bigint", 5, 5n],
    ["a float and a bigint", 2 ** 60, 2n ** 60n],
    ["null and undefined", null, undefined],
    ["a number and a decimal", 0.5, new Decimal("0.50")],
    ["a bigint and a decimal with an exponent", 1200n, new Decimal("12E+2")],
    ["two decimals", new Decimal("1.0"), new Decimal("1.00")],
    ["zero and a negative decimal zero", 0, new Decimal("-0.00")],
    ["an infinity and a decimal", Number.POSITIVE_INFINITY, new Decimal("inf")],
    ["a number and a complex number", 2, new Complex(2, 0)],
    ["two UUIDs", new Uuid(DIGITS), new Uuid(DIGITS.toUpperCase())],
    ["two dates", new Date(5), new Date(5)],
    ["one moment in two zones", new Date(NOON), new ZonedDate(NOON, { offsetSeconds: 3600 })],
    ["two naive datetimes", new ZonedDate(NOON, { offsetSeconds: null }), new ZonedDate(NOON, { offsetSeconds: null })],
    ["two days", new PlainDate(2024, 1, 1), new PlainDate(2024, 1, 1)],
    [
      "one time with two offsets",
      new PlainTime(9, 0, { offsetSeconds: 0 }),
      new PlainTime(10, 0, { offsetSeconds: 3600 }),
    ],
    ["two lengths of time", new TimeDelta(0, 60), TimeDelta.fromMs(60_000)],
    ["two byte strings", Uint8Array.of(1, 2), Buffer.from([1, 2])],
    ["two arrays", [1, ["a"]], [true, ["a"]]],
    ["two sets", new Set([1, 2]), new Set([2, 1])],
  ];

  it.each(equal)("are refused before anything is sent, with the path and both: %s (E2)", (_, first, second) => {
    const inMap = failureOf({ m: new Map([["other", 0] as [unknown, number], [first, 1], [second, 2]]) });
    expect(inMap.code).toBe("SERIALIZATION");
    expect(inMap.details).toEqual({ path: "args.m.keys()[2]" });
    expect(inMap.message).toMatch(
      /^args\.m\.keys\(\)\[2\]: cannot send a Map with .+ and .+ in it, which are equal in Python; /,
    );
    const inSet = failureOf([new Set([first, second])]);
    expect(inSet.message).toMatch(
      /^args\[0\]\[1\]: cannot send a Set with .+ and .+ in it, which are equal in Python; /,
    );
  });

  it("name both keys", () => {
    expect(failureOf(new Set([1, true])).message).toBe(
      "args[1]: cannot send a Set with 1 and true in it, which are equal in Python; send it as an array: [...set]",
    );
  });

  it("are not these", () => {
    const different = new Map<unknown, unknown>([
      [1, "a"],
      ["1", "b"],
      [false, "c"],
      [null, "d"],
      [0.1, "e"],
      [new Decimal("0.1"), "f"],
      [Number.NaN, "g"],
      [new Decimal("NaN"), "h"],
      [new Complex(1, 1), "i"],
      [new Date(NOON), "j"],
      [new ZonedDate(NOON, { offsetSeconds: null }), "k"],
      [new PlainTime(9, 0), "l"],
      [new PlainTime(9, 0, { offsetSeconds: 0 }), "m"],
      [Uint8Array.of(49), "n"],
      [[1, "2"], "o"],
      [["1", 2], "p"],
      [["12"], "q"],
      [new Set([1]), "r"],
      [new Decimal("1E+999999999"), "s"],
      [2n ** 53n + 1n, "t"],
    ]);
    expect((roundTrip(different) as Map<unknown, unknown>).size).toBe(different.size);
  });
});

describe("keys that Python has no hash for", () => {
  const unhashable: [string, unknown][] = [
    ["an object", { a: 1 }],
    ["an object without a prototype", Object.create(null)],
    ["a Map", new Map()],
    ["an array with an object in it", [1, [{ a: 1 }]]],
    ["a set with an array with an object in it", new Set([[{ a: 1 }]])],
    ["an array of numpy", Float64Array.of(1)],
    ["bytes as numbers", ndarray(Uint8Array.of(1))],
    ["a signaling NaN", new Decimal("sNaN")],
  ];

  it.each(unhashable)("are refused before anything is sent, with the path: %s (E2)", (_, key) => {
    const inMap = failureOf({ m: new Map([["other", 0] as [unknown, number], [key, 1]]) });
    expect(inMap.code).toBe("SERIALIZATION");
    expect(inMap.details).toEqual({ path: "args.m.keys()[1]" });
    expect(inMap.message).toMatch(
      /cannot send a Map with .+ in it, which Python cannot hash; send it as an array: \[\.\.\.map\]$/,
    );
    expect(failureOf([new Set([key])]).message).toMatch(
      /^args\[0\]\[0\]: cannot send a Set with .+, which Python cannot hash; /,
    );
  });

  it("can be sent as the message says", () => {
    const map = new Map([[{ a: 1 }, 1]]);
    const set = new Set([{ a: 1 }]);
    expect(roundTrip([...map])).toEqual([[{ a: 1 }, 1]]);
    expect(roundTrip([...set])).toEqual([{ a: 1 }]);
  });

  it("are replaced with their container by a mark where marks are asked for", () => {
    const { body } = encodeValue(
      { m: new Map([[{ a: 1 }, 1]]), s: new Set([1, true]), after: 1 },
      { unsendable: "mark" },
    );
    expect(String(JSON.stringify(decodeValue(body)))).toBe(
      '{"m":"<a Map with the object { a: 1 } in it, which Python cannot hash>","s":"<a Set with 1 and true in it, which are equal in Python>","after":1}',
    );
  });
});

describe("collections with properties of their own", () => {
  class Tagged extends Map<string, number> {
    tag = "t";
  }
  class Labels extends Set<string> {
    source = "s";
  }
  class Rows extends Array<number> {
    declare index: number;
  }
  class Day extends Date {
    label = "d";
  }

  it.each<[string, object, string]>([
    ["the array of a match", /b(?<letter>.)/.exec("abc") as object, "an Array with the property index, input, groups"],
    ["a subclass of Array", Object.assign(Rows.of(1, 2), { index: 3 }), "an Array with the property index"],
    ["a subclass of Map", new Tagged([["a", 1]]), "a Map with the property tag"],
    ["a subclass of Set", new Labels(["a"]), "a Set with the property source"],
    ["a subclass of Date", new Day(5), "a Date with the property label"],
  ])("are refused with advice that works, and never sent without them: %s (V7)", (_, value, what) => {
    const { message, details } = failureOf({ value });
    expect(details).toEqual({ path: "args.value" });
    const [, problem, expression = ""] = /^args\.value: cannot send (.*); send (.*)$/.exec(message) ?? [];
    expect(problem).toBe(what);
    const followed: unknown = new Function("value", `return (${expression});`)(value);
    const received = roundTrip(followed) as Record<string, unknown>;
    for (const name of Object.keys(value).filter((key) => !/^\d+$/.test(key))) expect(received).toHaveProperty(name);
    expect(received["items"] ?? received["date"]).toBeDefined();
  });
});

describe("the path to what throws when it is read", () => {
  const boom = (): never => {
    throw new Error("boom");
  };
  const visited = { zzz: { deep: [1, 2] } };
  const keyless = new Proxy({}, { ownKeys: boom });
  class BrokenMap extends Map<string, unknown> {
    override *[Symbol.iterator](): MapIterator<[string, unknown]> {
      yield ["a", { zzz: 1 }];
      boom();
      return undefined;
    }
  }
  class BrokenSet extends Set<unknown> {
    override *[Symbol.iterator](): SetIterator<unknown> {
      yield "a";
      boom();
      return undefined;
    }
  }

  it.each<[string, unknown, string]>([
    [
      "a getter",
      {
        p: {
          get bad() {
            return boom();
          },
        },
      },
      "args.value.p.bad",
    ],
    ["the keys of a proxy", { p: keyless }, "args.value.p"],
    ["the length of a proxy", { p: new Proxy([], { get: boom }) }, "args.value.p"],
    [
      "an element of a proxy",
      { p: new Proxy([1, 2], { get: (list, name) => (name === "1" ? boom() : Reflect.get(list, name)) }) },
      "args.value.p[1]",
    ],
    ["the prototype of a proxy", { p: new Proxy({}, { getPrototypeOf: boom }) }, "args.value.p"],
    ["an iterator of a Map", { p: new BrokenMap([["a", 1]]) }, "args.value.p"],
    ["an iterator of a Set", { p: new BrokenSet(["a", "b"]) }, "args.value.p"],
  ])("is the true one after siblings were visited: %s (E3)", (_, value, path) => {
    const failure = failureOf({ value: { first: visited, ...(value as object), last: visited } });
    expect(failure.message).toBe(`${path}: cannot be read: boom`);
    expect(failure.details).toEqual({ path });
  });
});
