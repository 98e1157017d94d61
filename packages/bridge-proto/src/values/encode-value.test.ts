import { runInNewContext } from "node:vm";
import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { type EncodeOptions, encodeValue } from "./encode-value.ts";
import { Unsendable } from "./extensions/unsendable.ts";

function roundTrip(value: unknown, options?: EncodeOptions): unknown {
  const { body, buffers } = encodeValue(value, options);
  return decodeValue(body, buffers);
}

function failureOf(value: unknown, options?: EncodeOptions): SnakepitError {
  try {
    encodeValue(value, options);
  } catch (error) {
    if (error instanceof SnakepitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

describe("values that only JavaScript has", () => {
  it("encodes undefined as null, and omits undefined properties", () => {
    expect(roundTrip(undefined)).toBeNull();
    expect(roundTrip([undefined, 1])).toEqual([null, 1]);
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested.
    expect(roundTrip([, 1])).toEqual([null, 1]);
    expect(roundTrip(new Map([["a", undefined]]))).toEqual({ a: null });
    const record = roundTrip({ a: undefined, b: 1, c: undefined }) as object;
    expect(Object.keys(record)).toEqual(["b"]);
  });

  it("omits undefined properties of a large object, whose header becomes shorter", () => {
    const record: Record<string, unknown> = {};
    for (let index = 0; index < 70_000; index++) record[`key${index}`] = index % 7_000 === 0 ? index : undefined;
    const kept = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
    expect(roundTrip([record, "behind"])).toEqual([kept, "behind"]);
    expect(roundTrip({ a: { b: undefined }, c: "behind" })).toEqual({ a: {}, c: "behind" });
  });

  it("omits symbols and non-enumerable properties", () => {
    const record = Object.defineProperty({ a: 1, [Symbol("s")]: 2 }, "hidden", { value: 3 });
    expect(roundTrip(record)).toEqual({ a: 1 });
  });

  it("distinguishes -0, NaN, infinities and integers", () => {
    for (const value of [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 0.1]) {
      expect(roundTrip(value)).toBe(value);
    }
  });

  it("decodes a bigint as a number if that is exact", () => {
    expect(roundTrip(5n)).toBe(5);
    expect(roundTrip(2n ** 53n)).toBe(2n ** 53n);
    expect(roundTrip(-(2n ** 64n))).toBe(-(2n ** 64n));
  });

  it("encodes the key __proto__ as a key, and decodes it without changing a prototype", () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    const received = roundTrip(hostile) as object;
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype);
    expect(Object.keys(received)).toEqual(["__proto__", "constructor"]);
    expect("polluted" in {}).toBe(false);
    expect((received as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("encodes objects without a prototype and of another realm", () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
    const foreign: unknown = runInNewContext(
      '({ list: [1], record: { a: 1 }, map: new Map([[1, 2]]), set: new Set(["x"]), date: new Date(5), bytes: new Uint8Array([7]), memory: new ArrayBuffer(2) })',
    );
    expect(roundTrip(foreign)).toEqual({
      list: [1],
      record: { a: 1 },
      map: new Map([[1, 2]]),
      set: new Set(["x"]),
      date: new Date(5),
      bytes: new Uint8Array([7]),
      memory: new Uint8Array(2),
    });
  });

  it("encodes instances of subclasses of Map, Set, Date and Array as their base class", () => {
    class Tags extends Set<string> {}
    class Names extends Map<number, string> {}
    class Day extends Date {}
    class List extends Array<number> {}
    expect(roundTrip([new Tags(["a"]), new Names([[1, "b"]]), new Day(7), List.of(1, 2)])).toEqual([
      new Set(["a"]),
      new Map([[1, "b"]]),
      new Date(7),
      [1, 2],
    ]);
  });

  it("decodes a Map as a Map unless all of its keys are strings", () => {
    expect(roundTrip(new Map([["a", 1]]))).toEqual({ a: 1 });
    expect(roundTrip(new Map([[1, "a"]]))).toEqual(new Map([[1, "a"]]));
    const mixed = new Map<unknown, unknown>([
      [1, "number"],
      ["1", "string"],
      [false, "boolean"],
      [null, "null"],
      [undefined, "also null"],
    ]);
    mixed.delete(null);
    expect(roundTrip(mixed)).toEqual(
      new Map<unknown, unknown>([
        [1, "number"],
        ["1", "string"],
        [false, "boolean"],
        [null, "also null"],
      ]),
    );
  });

  it("encodes Buffer, DataView and ArrayBuffer as bytes", () => {
    const memory = Uint8Array.from([1, 2, 3, 4]);
    const bytes = [Buffer.from(memory), new DataView(memory.buffer, 1, 2), memory.buffer, memory.subarray(2)];
    const received = roundTrip(bytes) as Uint8Array[];
    expect(received).toEqual([memory, memory.subarray(1, 3), memory, memory.subarray(2)]);
    expect(received.every((one) => Object.getPrototypeOf(one) === Uint8Array.prototype)).toBe(true);
  });
});

describe("a value that cannot be sent", () => {
  class Model {
    readonly weights = [1];
  }
  const unsendable: [string, unknown, string][] = [
    ["a function", () => 1, "cannot send a function; send what it returns"],
    ["a named function", failureOf, "cannot send the function failureOf; send what it returns"],
    ["a symbol", Symbol("s"), "cannot send a symbol; send its description"],
    ["a promise", Promise.resolve(), "cannot send a Promise; await it first"],
    [
      "a thenable",
      // biome-ignore lint/suspicious/noThenProperty: this is what is tested.
      Object.assign(Object.create({ extended: 1 }), { then: 1 }),
      "cannot send a promise-like Object; await it first",
    ],
    ["an error", new TypeError("x"), "cannot send an Error (TypeError); send its message"],
    ["a regular expression", /x/, "cannot send a RegExp; send its source"],
    ["an instance", new Model(), "cannot send an instance of Model; send a plain object with the needed fields"],
    ["a boxed number", Object(1), "cannot send an instance of Number; send a plain object with the needed fields"],
    ["a WeakMap", new WeakMap(), "cannot send an instance of WeakMap; send a plain object with the needed fields"],
    ["a generator", (function* () {})(), "cannot send a generator; collect what it yields into an array first"],
    ["half a character", "a\ud800", "cannot send a string with a lone surrogate; call its toWellFormed() first"],
    ["an invalid date", new Date(Number.NaN), "cannot send an invalid Date; send null, or a date that exists"],
    ["a date beyond Python's", new Date(8e15), "cannot send a Date outside the years 1 to 9999; send its getTime()"],
  ];

  it.each(unsendable)("is rejected with its path and a remedy: %s", (_, value, problem) => {
    const failure = failureOf({ items: [1, { "a b": value }] }, { root: "args" });
    expect(failure.code).toBe("SERIALIZATION");
    expect(failure.message).toBe(`args.items[1]["a b"]: ${problem}`);
    expect(failure.details).toEqual({ path: 'args.items[1]["a b"]' });
  });

  it.each(unsendable)("is replaced with a mark on request: %s", (_, value, problem) => {
    const received = roundTrip([value, { behind: 1 }], { unsendable: "mark" });
    const what = /cannot send (.*);/.exec(problem)?.[1] ?? "";
    expect(received).toEqual([new Unsendable(what), { behind: 1 }]);
    expect(String((received as unknown[])[0])).toBe(`<${what}>`);
  });

  it("is rejected in maps and sets, including their keys", () => {
    expect(failureOf(new Map([["a", Symbol()]])).details).toEqual({ path: "value.a" });
    expect(failureOf(new Map([[5, Symbol()]])).details).toEqual({ path: "value[5]" });
    expect(failureOf(new Map([[null, Symbol()]])).details).toEqual({ path: "value.values()[0]" });
    expect(
      failureOf(
        new Map([
          [1, 1],
          [Symbol(), 1],
        ] as [unknown, number][]),
      ).details,
    ).toEqual({ path: "value.keys()[1]" });
    expect(failureOf([new Set([1, Symbol()])]).details).toEqual({ path: "value[0][1]" });
    const inKey = failureOf({ "\ud800": 1 });
    expect(inKey.details).toEqual({ path: 'value["\\ud800"]' });
    expect(inKey.message).toContain("cannot send a key with a lone surrogate; call its toWellFormed() first");
    expect(failureOf(new Map([["\ud800", 1]])).message).toBe(inKey.message);
    expect(roundTrip({ "\ud800": 1 }, { unsendable: "mark" })).toEqual({ "\ufffd": 1 });
  });

  it("does not affect the next value", () => {
    failureOf({ deep: [{ deep: [new Uint8Array(20_000), Symbol()] }] });
    expect(roundTrip({ a: new Uint8Array(20_000) })).toEqual({ a: new Uint8Array(20_000) });
    expect(failureOf(Symbol()).details).toEqual({ path: "value" });
  });

  it("is rejected if it contains itself", () => {
    const cycle: Record<string, unknown> = { name: "c" };
    cycle["self"] = { again: [cycle] };
    expect(failureOf(cycle).message).toMatch(/cannot send a value that contains itself; break the cycle/);
    expect(roundTrip(cycle, { unsendable: "mark" })).toEqual({
      name: "c",
      self: { again: [new Unsendable("a value that contains itself")] },
    });
    const map = new Map<number, unknown>();
    map.set(1, [map]);
    expect(failureOf(map).message).toMatch(/contains itself/);
    const row: unknown[] = [];
    row.push(new Set([row]));
    expect(failureOf(row).message).toMatch(/contains itself/);
  });

  it("is rejected with an abbreviated path if it is nested deeper than 255", () => {
    expect(roundTrip(nested(255))).toEqual(nested(255));
    const failure = failureOf(nested(256));
    expect(failure.message).toMatch(
      /^value(\[0\]|\.inner){10}…(\[0\]|\.inner){10}: cannot send containers nested deeper/,
    );
  });

  it("is rejected with an abbreviated path if a key is long", () => {
    const failure = failureOf({ ["x".repeat(5_000)]: () => {} });
    expect(failure.message).toMatch(/^value\["x{99}…"\]: cannot send/);
  });

  it("is rejected if it throws when it is read", () => {
    const cause = new RangeError("no such row");
    const value = {
      rows: [
        {
          get first() {
            throw cause;
          },
        },
      ],
    };
    const failure = failureOf(value, { root: "args" });
    expect(failure.code).toBe("SERIALIZATION");
    expect(failure.message).toBe("args.rows[0].first: cannot be read: no such row");
    expect(failure.cause).toBe(cause);
  });

  it("is rejected with its own path, not with that of a neighbor, if it throws before the first part is read (E3)", () => {
    const closed = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("closed");
        },
      },
    );
    const broken = new Map();
    Object.defineProperty(broken, "keys", {
      value: () => {
        throw new Error("no keys");
      },
    });
    const unsized = new Proxy([], {
      get: () => {
        throw new Error("no length");
      },
    });
    for (const [part, reason] of [
      [closed, "closed"],
      [broken, "no keys"],
      [unsized, "no length"],
    ] as const) {
      const failure = failureOf({ value: { before: { zzz: [1] }, p: part } }, { root: "args" });
      expect(failure.message).toBe(`args.value.p: cannot be read: ${reason}`);
    }
  });

  it("is rejected if it is a map that changes while it is read", () => {
    const map = new Map<string, unknown>();
    map.set("a", {
      get grow() {
        map.set("b", 1);
        return 1;
      },
    });
    expect(failureOf(map).message).toMatch(/the map changed while it was read/);
  });
});

describe("the payload limit", () => {
  it("applies to the body and the buffers together", () => {
    const value = { text: "x".repeat(100), data: new Uint8Array(20_000) };
    const { byteLength } = encodeValue(value);
    expect(byteLength).toBeGreaterThan(20_100);
    expect(encodeValue(value, { maxBytes: byteLength }).byteLength).toBe(byteLength);
    const failure = failureOf(value, { root: "args", maxBytes: byteLength - 1 });
    expect(failure.code).toBe("PAYLOAD_TOO_LARGE");
    expect(failure.message).toBe(
      `args: at least ${byteLength} bytes where ${byteLength - 1} are allowed; send less at a time or raise maxPayloadBytes`,
    );
    expect(failure.details).toEqual({ path: "args", maxBytes: byteLength - 1 });
  });

  it("stops the encoding of an endless value", () => {
    const endless = new Proxy([], {
      get: (target, name) => (name === "length" ? 2 ** 32 - 1 : Reflect.get(target, name)),
    });
    expect(failureOf(endless, { maxBytes: 1_000_000 }).code).toBe("PAYLOAD_TOO_LARGE");
  });
});

describe("an encoded value", () => {
  it("is not changed by the encoding of later values", () => {
    const first = encodeValue({ n: 1, text: "first" });
    const copy = Buffer.from(first.body);
    for (let index = 0; index < 5_000; index++) encodeValue({ n: index, text: "x".repeat(index % 100) });
    expect(Buffer.from(first.body)).toEqual(copy);
  });

  it("is not affected by a getter that encodes another value", () => {
    const inner: Uint8Array[] = [];
    const value = {
      before: "before",
      get middle() {
        inner.push(encodeValue({ inner: inner.length }).body);
        return "middle";
      },
      after: [1, 2, 3],
    };
    const { body } = encodeValue([value, value]);
    expect(decodeValue(body)).toEqual([
      { before: "before", middle: "middle", after: [1, 2, 3] },
      { before: "before", middle: "middle", after: [1, 2, 3] },
    ]);
    expect(inner.map((one) => decodeValue(one))).toEqual([{ inner: 0 }, { inner: 1 }]);
  });

  it("references large binary data, and contains copies of small data", () => {
    const large = new Uint8Array(16 * 1024);
    const small = new Uint8Array(16 * 1024 - 1);
    const { buffers } = encodeValue({ large, small });
    expect(buffers).toHaveLength(1);
    expect(buffers[0]?.buffer).toBe(large.buffer);
    expect(encodeValue(new Float64Array(2048)).buffers).toHaveLength(1);
  });

  it("can be larger than a slab", () => {
    const value = Array.from({ length: 50_000 }, (_, index) => `text ${index} ü`);
    expect(roundTrip(value)).toEqual(value);
    expect(roundTrip("ü".repeat(200_000))).toBe("ü".repeat(200_000));
  });

  it("contains strings of any length", () => {
    for (const letter of ["a", "é", "語", "🐍"]) {
      for (const length of [0, 1, 10, 12, 13, 31, 32, 33, 85, 86, 127, 255, 256, 21_845, 21_846, 65_535, 65_536]) {
        const text = letter.repeat(length);
        expect(roundTrip({ [text]: [text] })).toEqual({ [text]: [text] });
      }
    }
  });
});

describe("names of fields", () => {
  it("encodes records whose names at the same place have other characters, lengths or orders", () => {
    const longest = "n".repeat(31);
    const records = [
      { id: 1, name: "a" },
      { id: 2, name: "b" },
      { name: "c", id: 3 },
      { ïd: 4, name: "d", [longest]: 1 },
      { ïd: 5, nom: "e", [longest]: 2 },
      { id: 6, [`${longest}o`]: 7, [`${longest}p`]: 8 },
      { id: 9, [`${longest}o`]: 10, "": 11 },
      { "": 12, é: 13 },
      { "": 14, ee: 15 },
    ];
    expect(roundTrip(records)).toEqual(records);
    expect(roundTrip(records)).toEqual(records);
  });

  it("encodes nested records with more names than are remembered", () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, index]));
    const deep = { field0: wide, wide: { field0: { field0: { field0: { field0: wide } } } } };
    expect(roundTrip([wide, deep, wide])).toEqual([wide, deep, wide]);
  });

  it("encodes a name wherever in its memory it ends", () => {
    // Each record moves the names in memory, which grows in between.
    const records = Array.from({ length: 2_000 }, (_, index) => ({
      text: "x".repeat(index % 61),
      größe: index,
      size: index,
    }));
    expect(roundTrip(records)).toEqual(records);
    for (const record of records) expect(roundTrip(record)).toEqual(record);
  });
});
