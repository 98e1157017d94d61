import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numbered, type OpenVariables, openVariables, rejectionOf } from "../testing/variables-of-session.ts";
import type { VariableDraft } from "./variable.ts";

let opened: OpenVariables;
let variables: OpenVariables["variables"];

beforeEach(async () => {
  opened = await openVariables();
  ({ variables } = opened);
});
afterEach(() => opened[Symbol.asyncDispose]());

describe("invalid input", () => {
  beforeEach(async () => {
    await variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
  });

  test.each([
    [
      "a value out of range",
      () => variables.set("temperature", 3),
      'variable "temperature" must be from 0 to 2; got 3',
      "range",
    ],
    [
      "an unknown variable",
      () => variables.set("temprature", 1),
      'variable "temprature" does not exist in session "chat-1"; did you mean "temperature"?',
      "unknown",
    ],
    [
      "an unknown variable without a similar name",
      () => variables.get("zzz"),
      'variable "zzz" does not exist in session "chat-1"; register it first (variables.register)',
      "unknown",
    ],
    [
      "another version",
      () => variables.set("temperature", 1, { version: 7 }),
      'variable "temperature" has version 1, not 7: it was changed concurrently; read it again, or use update()',
      "version",
    ],
    [
      "an invalid version",
      () => variables.set("temperature", 1, { version: "anything" as unknown as number }),
      'variable "temperature": version must be an integer from describe(); got "anything"',
      "version",
    ],
    [
      "an existing name",
      () => variables.register("temperature", { type: "string", value: "" }),
      'variable "temperature" already exists in session "chat-1"; use set(), or delete() it before you register it again',
      "exists",
    ],
    [
      "an invalid definition",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2, max: 1 } }),
      'variable "x": min must be at most max; got min 2 and max 1; exchange them',
      "definition",
    ],
    [
      "an initial value that violates the constraints",
      () => variables.register("x", { type: "integer", value: 1, constraints: { min: 2 } }),
      'variable "x" must be at least 2; got 1',
      "range",
    ],
    [
      "no definition",
      () => variables.register("x", undefined as unknown as VariableDraft),
      'variable "x": the definition must be an object with type, value, constraints, metadata; got undefined',
      "definition",
    ],
    [
      "a definition with a misspelled property",
      () => variables.register("x", { type: "integer", value: 1, constraint: { min: 0 } } as unknown as VariableDraft),
      'variable "x": constraint is not a property of a variable; did you mean constraints?',
      "definition",
    ],
    [
      "a comparison without a version",
      () => variables.compareAndSet("temperature", 1, undefined as unknown as number),
      'variable "temperature": version must be an integer from describe(); got undefined',
      "version",
    ],
    [
      "metadata with too many entries",
      () => variables.register("x", { type: "boolean", value: true, metadata: numbered(33) }),
      'variable "x": metadata must have at most 32 entries; got 33',
      "metadata",
    ],
    [
      "metadata that is too long",
      () => variables.register("x", { type: "boolean", value: true, metadata: { note: "é".repeat(2_043) } }),
      'variable "x": metadata must have at most 4096 bytes as JSON; got 4097',
      "metadata",
    ],
    [
      "metadata that JSON cannot represent",
      () => variables.register("x", { type: "boolean", value: true, metadata: { since: new Date(0) } }),
      'variable "x": metadata.since is a date, which JSON cannot represent',
      "metadata",
    ],
  ])("is rejected with the variable, the problem and the remedy: %s", async (_, act, message, reason) => {
    const error = await rejectionOf(act());
    expect([error.code, error.message, error.details["reason"]]).toEqual(["INVALID_ARGUMENT", message, reason]);
    expect(await variables.list()).toHaveLength(1);
    expect(await variables.get("temperature")).toBe(0.7);
  });

  test.each(["", "_x", "-x", ".x", "a b", "é", "a/b", "__proto__", "x".repeat(65)])(
    "rejects the invalid name %j",
    async (name) => {
      for (const act of [
        () => variables.register(name, { type: "boolean", value: true }),
        () => variables.get(name),
        () => variables.set(name, true),
        () => variables.update(name, () => true),
        () => variables.delete(name),
        () => variables.getMany([name]),
        () => variables.setMany(JSON.parse(`{${JSON.stringify(String(name))}: 1}`)),
      ]) {
        const error = await rejectionOf(act());
        expect(error.code).toBe("INVALID_ARGUMENT");
        expect(error.message).toContain("the name of a variable must be 1 to 64");
      }
      expect(() => variables.watch([name])).toThrow("the name of a variable");
    },
  );

  test("rejects a name that is not a string", async () => {
    expect((await rejectionOf(variables.get(3 as unknown as string))).message).toContain("; got 3");
  });

  test.each(["x", "A", "0", "a.b-c_d", "x".repeat(64)])("accepts the name %j", async (name) => {
    await variables.register(name, { type: "boolean", value: true });
    expect(await variables.get(name)).toBe(true);
  });

  test("metadata is stored as its JSON, independent of the caller's object", async () => {
    const metadata = { tags: ["a"], unset: undefined };
    await variables.register("x", { type: "boolean", value: true, metadata });
    metadata.tags.push("b");
    expect((await variables.describe("x")).metadata).toEqual({ tags: ["a"] });
  });
});
