import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numbered, type OpenVariables, openVariables, refusal } from "../testing/variables-of-session.ts";
import type { VariableDraft } from "./variable.ts";

let opened: OpenVariables;
let variables: OpenVariables["variables"];

beforeEach(async () => {
  opened = await openVariables();
  ({ variables } = opened);
});
afterEach(() => opened[Symbol.asyncDispose]());

describe("a mistake", () => {
  beforeEach(async () => {
    await variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
  });

  test.each([
    [
      "a value out of range",
      () => variables.set("temperature", 3),
      'variable "temperature" must be from 0 to 2, not 3',
      "range",
    ],
    [
      "an unknown variable",
      () => variables.set("temprature", 1),
      'there is no variable "temprature" in session "chat-1"; did you mean "temperature"?',
      "unknown",
    ],
    [
      "an unknown variable like no other",
      () => variables.get("zzz"),
      'there is no variable "zzz" in session "chat-1"; register it first (variables.register)',
      "unknown",
    ],
    [
      "another version",
      () => variables.set("temperature", 1, { version: 7 }),
      'variable "temperature" has version 1 and not 7: somebody has changed it; read it again, or use update()',
      "version",
    ],
    [
      "a version that is none",
      () => variables.set("temperature", 1, { version: "anything" as unknown as number }),
      'variable "temperature": a version is a whole number, as describe() tells it, not "anything"',
      "version",
    ],
    [
      "a name that is taken",
      () => variables.register("temperature", { type: "string", value: "" }),
      'there is a variable "temperature" in session "chat-1" already; set() it, or delete() it before it is registered anew',
      "exists",
    ],
    [
      "a definition that is wrong",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2, max: 1 } }),
      'variable "x": min is 2 and more than max, which is 1; exchange them',
      "definition",
    ],
    [
      "a first value that breaks the constraints",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2 } }),
      'variable "x" must be at least 2, not 1',
      "range",
    ],
    [
      "no definition at all",
      () => variables.register("x", undefined as unknown as VariableDraft),
      'variable "x": what it is to be is an object with type, value, constraints, metadata, not undefined',
      "definition",
    ],
    [
      "a definition with something misspelt",
      () => variables.register("x", { type: "integer", value: 1, constraint: { min: 0 } } as unknown as VariableDraft),
      'variable "x": constraint is not a property of a variable; did you mean constraints?',
      "definition",
    ],
    [
      "a comparison with no version",
      () => variables.compareAndSet("temperature", 1, undefined as unknown as number),
      'variable "temperature": a version is a whole number, as describe() tells it, not undefined',
      "version",
    ],
    [
      "metadata with too many entries",
      () => variables.register("x", { type: "boolean", value: true, metadata: numbered(33) }),
      'variable "x": metadata has 33 entries and may have 32',
      "metadata",
    ],
    [
      "metadata that is too long",
      () => variables.register("x", { type: "boolean", value: true, metadata: { note: "é".repeat(2_043) } }),
      'variable "x": metadata has 4097 bytes as JSON and may have 4096',
      "metadata",
    ],
    [
      "metadata that JSON cannot hold",
      () => variables.register("x", { type: "boolean", value: true, metadata: { since: new Date(0) } }),
      'variable "x": metadata.since is a date, which JSON cannot hold',
      "metadata",
    ],
  ])("says what, where and what to do: %s", async (_, act, message, reason) => {
    const error = await refusal(act());
    expect([error.code, error.message, error.details["reason"]]).toEqual(["INVALID_ARGUMENT", message, reason]);
    expect(await variables.list()).toHaveLength(1);
    expect(await variables.get("temperature")).toBe(0.7);
  });

  test.each(["", "_x", "-x", ".x", "a b", "é", "a/b", "__proto__", "x".repeat(65)])("%j is no name", async (name) => {
    for (const act of [
      () => variables.register(name, { type: "boolean", value: true }),
      () => variables.get(name),
      () => variables.set(name, true),
      () => variables.update(name, () => true),
      () => variables.delete(name),
      () => variables.getMany([name]),
      () => variables.setMany(JSON.parse(`{${JSON.stringify(String(name))}: 1}`)),
    ]) {
      const error = await refusal(act());
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.message).toContain("the name of a variable begins with a letter or a digit");
    }
    expect(() => variables.watch([name])).toThrow("the name of a variable");
  });

  test("a name is a text", async () => {
    expect((await refusal(variables.get(3 as unknown as string))).message).toContain("; 3 is none");
  });

  test.each(["x", "A", "0", "a.b-c_d", "x".repeat(64)])("%j is a name", async (name) => {
    await variables.register(name, { type: "boolean", value: true });
    expect(await variables.get(name)).toBe(true);
  });

  test("what JSON makes of metadata decides, and the metadata is not the caller's any more", async () => {
    const metadata = { tags: ["a"], unset: undefined };
    await variables.register("x", { type: "boolean", value: true, metadata });
    metadata.tags.push("b");
    expect((await variables.describe("x")).metadata).toEqual({ tags: ["a"] });
  });
});
