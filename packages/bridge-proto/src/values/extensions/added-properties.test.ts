import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "../decode-value.ts";
import { encodeValue } from "../encode-value.ts";

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

describe("collections with added properties", () => {
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
  ])("are rejected with a remedy that works: %s (V7)", (_, value, what) => {
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

describe("the path of a value that throws when it is read", () => {
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
  ])("is correct after siblings were visited: %s (E3)", (_, value, path) => {
    const failure = failureOf({ value: { first: visited, ...(value as object), last: visited } });
    expect(failure.message).toBe(`${path}: cannot be read: boom`);
    expect(failure.details).toEqual({ path });
  });
});
