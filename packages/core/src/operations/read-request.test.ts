import { describe, expect, expectTypeOf, test } from "vitest";
import type { OperationContext } from "./operation-types.ts";
import { hasRequiredSession, readPayload, workerOperation } from "./read-request.ts";

describe("a payload", () => {
  test("is returned with its defaults, without fields that the operation does not have", () => {
    const payload = readPayload("programs.get", { id: "p", session_id: "another" });
    expect(payload).toEqual({ id: "p", scope: "session", may_be_absent: false });
    expectTypeOf(payload).toEqualTypeOf<{
      readonly id: string;
      readonly scope: "session" | "global";
      readonly may_be_absent: boolean;
    }>();
  });

  test.each([undefined, null, {}, Object.create(null)])("may be %s when no field is required", (payload) => {
    expect(readPayload("session.list", payload)).toEqual({});
  });

  test("keeps values unchanged", () => {
    const value = new Map([[1, 2]]);
    expect(readPayload("variables.set", { writes: [{ name: "n", value }] }).writes[0]?.value).toBe(value);
  });

  test.each([
    ["session.list", [], "session.list: payload must be an object; got an array"],
    ["session.list", new Map(), "session.list: payload must be an object; got an object of class Map"],
    ["session.list", "all", 'session.list: payload must be an object; got "all"'],
    ["session.list", { limit: -1 }, "session.list: limit must be a non-negative integer; got -1"],
    ["session.list", { limit: 0.5 }, "session.list: limit must be a non-negative integer; got 0.5"],
    ["session.update", undefined, "session.update: metadata is missing"],
    ["session.update", { metadata: null }, "session.update: metadata must be an object; got null"],
    [
      "session.update",
      { metadata: new Map() },
      "session.update: metadata must be an object; got an object of class Map",
    ],
    ["variables.get", { names: "n" }, 'variables.get: names must be an array of strings; got "n"'],
    ["variables.get", { names: ["n", 1] }, "variables.get: names[1] must be a string; got 1"],
    [
      "variables.set",
      { writes: {} },
      "variables.set: writes must be an array of objects; got an object without properties",
    ],
    ["variables.set", { writes: [3] }, "variables.set: writes[0] must be an object; got 3"],
    ["variables.set", { writes: [{ value: 1 }] }, "variables.set: writes[0].name is missing"],
    ["variables.set", { writes: [], atomic: 1 }, "variables.set: atomic must be a boolean; got 1"],
    ["programs.list", { scope: "all" }, 'programs.list: scope must be "session" or "global"; got "all"'],
  ] as const)("%s: %j is rejected with the path and the rule", (name, payload, message) => {
    expect(() => readPayload(name, payload)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message, details: { method: name } }),
    );
  });
});

describe("a worker", () => {
  test("may call operations that are not reserved for clients", () => {
    expect(workerOperation("variables.get", "value")).toBe("variables.get");
    expect(workerOperation("variables.watch", "stream")).toBe("variables.watch");
  });

  test.each([
    ["session.close", "value", "reserved for clients"],
    ["programs.execute", "value", "reserved for clients"],
    ["variables.watch", "value", "returns a stream"],
    ["variables.get", "stream", "returns one value"],
    ["xvariables.get", "value", "unknown operation"],
    ["toString", "value", "unknown operation"],
    ["", "stream", "unknown operation"],
  ] as const)("cannot request %j as a %s", (method, kind, message) => {
    expect(() => workerOperation(method, kind)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(message),
        details: { method },
      }),
    );
  });
});

test("an operation that requires a session is not executed without one", () => {
  const context: OperationContext = {
    sessionId: undefined,
    author: "host",
    correlationId: "c-1",
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
  };
  expect(hasRequiredSession("variables.get", context)).toBe(false);
  expect(hasRequiredSession("variables.get", { ...context, sessionId: "s" })).toBe(true);
  expect(hasRequiredSession("tools.list", context)).toBe(true);
  expect(hasRequiredSession("session.open", context)).toBe(true);
});
