import { runInNewContext } from "node:vm";
import { SnakepitError } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { checkVariable } from "./check-variable.ts";
import { defineVariable } from "./variable-definition.ts";
import type { VariableType } from "./variable-type.ts";

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SnakepitError);
    return (thrown as SnakepitError).message;
  }
  return "accepted";
}

const check = (type: VariableType, value: unknown) => checkVariable(type, {}, value, "x");

describe("values that only JavaScript has", () => {
  test.each([
    [undefined, "undefined"],
    [Symbol("s"), "an object"],
    [() => 1, "an object"],
    [new Date(0), "an object"],
    [new Map(), "a map"],
    [Object.create(null), "a map"],
    [runInNewContext("({})"), "a map"],
    [runInNewContext("[]"), "a list"],
    [Buffer.from("a"), "bytes"],
    [new ArrayBuffer(1), "bytes"],
    [new DataView(new ArrayBuffer(1)), "bytes"],
    [new Uint8ClampedArray(2), "an array of uint8 with the shape [2]"],
    [new BigInt64Array(2), "an array of int64 with the shape [2]"],
    [Object(3), "an object"],
    [5n, "a number"],
  ])("are named: $1", (value, kind) => {
    expect(messageOf(() => check("string", value))).toBe(`variable "x" must be a string; got ${kind}`);
  });

  test("a lone surrogate is rejected everywhere", () => {
    const half = "\ud83d";
    expect(messageOf(() => check("string", `a${half}`))).toBe(
      'variable "x" must be a well-formed string; got one with a lone surrogate; replace it first',
    );
    expect(messageOf(() => defineVariable("x", "string", { pattern: half }))).toContain(
      "pattern must be a well-formed string",
    );
    expect(messageOf(() => defineVariable("x", "choice", { choices: ["a", half] }))).toContain(
      "choices must be well-formed strings",
    );
    expect(messageOf(() => checkVariable("choice", { choices: ["a"] }, half, "x"))).toContain('got "\\ud83d"');
  });

  test("constraints may come in a map, and names that are not strings are unknown", () => {
    expect(defineVariable("x", "integer", new Map([["min", 1n]]))).toEqual({
      type: "integer",
      constraints: { min: 1 },
    });
    expect(messageOf(() => defineVariable("x", "integer", new Map([[5, 1]])))).toBe(
      'variable "x": unknown constraint 5; integer supports min, max',
    );
    expect(messageOf(() => defineVariable("x", "integer", [1]))).toBe(
      'variable "x": constraints must be a map; got a list',
    );
  });

  test("arrays that need no conversion are not copied", () => {
    for (const array of [new Float32Array(3), new Float64Array(3)]) {
      expect(check("embedding", array)).toBe(array);
      expect(check("tensor", array)).toBe(array);
    }
    expect(check("embedding", new Uint8ClampedArray([1, 2]))).toEqual(Float64Array.of(1, 2));
    expect(check("tensor", new Uint16Array(2))).toEqual(new Uint16Array(2));
  });

  test("safe integers are numbers", () => {
    expect(check("integer", 5n)).toBe(5);
    expect(check("integer", -0)).toBe(0);
    expect(check("integer", 2n ** 53n)).toBe(2n ** 53n);
    expect(check("float", 5n)).toBe(5);
  });

  test("a sparse array is rejected with the index", () => {
    expect(messageOf(() => check("embedding", new Array(2)))).toBe(
      'variable "x" must contain only numbers; got undefined at index 0',
    );
  });
});
