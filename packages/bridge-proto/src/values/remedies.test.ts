import { SnakepitError } from "@snakepit/core";
import { expect, it } from "vitest";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { ndarray } from "./extensions/ndarray.ts";

function named(): number {
  return 5;
}

class Model {
  readonly weights = [1];
}

/** Values that cannot be sent, their remedies, and the results of following the remedies exactly. */
const REMEDIES: [unknown, string, () => unknown, unknown][] = [
  [named, "send what it returns", () => named(), 5],
  [Symbol("s"), "send its description", () => Symbol("s").description, "s"],
  [Promise.resolve(5), "await it first", () => Promise.resolve(5), 5],
  [/x+/, "send its source", () => /x+/.source, "x+"],
  [new TypeError("wrong"), "send its message", () => new TypeError("wrong").message, "wrong"],
  [
    Iterator.from([1, 2]).map((one) => one),
    "send a plain object with the needed fields",
    () => [...Iterator.from([1, 2]).map((one) => one)],
    [1, 2],
  ],
  [
    (function* () {
      yield 1;
    })(),
    "collect what it yields into an array first",
    () =>
      Array.from(
        (function* () {
          yield 1;
        })(),
      ),
    [1],
  ],
  [new Model(), "send a plain object with the needed fields", () => ({ weights: [1] }), { weights: [1] }],
  ["a\ud800", "call its toWellFormed() first", () => "a\ud800".toWellFormed(), "a\ufffd"],
  [new Date(Number.NaN), "send null, or a date that exists", () => null, null],
  [new Date(8e15), "send its getTime()", () => new Date(8e15).getTime(), 8e15],
  [new Set([{ a: 1 }]), "send an array, [...set]", () => [...new Set([{ a: 1 }])], [{ a: 1 }]],
  [new Map([[{ a: 1 }, 2]]), "send an array of pairs, [...map]", () => [...new Map([[{ a: 1 }, 2]])], [[{ a: 1 }, 2]]],
  [
    Object.assign(new Float64Array(2), { shape: [3], dtype: "float64" }),
    "create it with ndarray()",
    () => ndarray(new Float64Array(2), [2]),
    new Float64Array(2),
  ],
];

it.each(REMEDIES)(
  "the remedy of an error works when it is followed to the letter: %o, %s",
  async (value, remedy, follow, received) => {
    let failure: unknown;
    try {
      encodeValue({ items: [value] });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(SnakepitError);
    expect((failure as SnakepitError).details).toHaveProperty("path", expect.stringMatching(/^value\.items\[0\]/));
    expect((failure as SnakepitError).message.endsWith(`; ${remedy}`)).toBe(true);
    const { body, buffers } = encodeValue(await follow());
    expect(decodeValue(body, buffers)).toEqual(received);
  },
);
