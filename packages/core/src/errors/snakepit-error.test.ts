import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, GRPC_STATUS, isErrorCode } from "./error-code.ts";
import { hostExceptionOf } from "./host-exception.ts";
import { rejectToCaller, SnakepitError } from "./snakepit-error.ts";

describe("a SnakepitError", () => {
  test("is an Error with the given properties", () => {
    const cause = new Error("root");
    const python = { type: "ValueError", module: "builtins", message: "no", traceback: "…", notes: [] };
    const where = { pool: "ml", workerId: "ml-1", callId: "c-1" };
    const error = new SnakepitError("PYTHON_EXCEPTION", "ValueError: no", {
      cause,
      python,
      details: { a: 1 },
      ...where,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      code: "PYTHON_EXCEPTION",
      message: "ValueError: no",
      cause,
      python,
      details: { a: 1 },
    });
    expect(error).toMatchObject({ ...where, name: "SnakepitError", retryable: false });
    expect(error.grpcStatus).toBe(GRPC_STATUS.UNKNOWN);
    expect(error.stack).toContain("SnakepitError: ValueError: no");
  });

  test("has no fields for omitted properties", () => {
    const error = new SnakepitError("INTERNAL", "no");
    for (const field of ["cause", "python", "pool", "workerId", "callId"])
      expect(Object.hasOwn(error, field)).toBe(false);
    expect(error.details).toEqual({});
  });

  test("is retryable depending on its code, unless overridden", () => {
    expect(new SnakepitError("POOL_SATURATED", "full").retryable).toBe(true);
    expect(new SnakepitError("INVALID_CONFIG", "no").retryable).toBe(false);
    expect(new SnakepitError("WORKER_CRASHED", "no", { retryable: false }).retryable).toBe(false);
  });

  test("contains the traceback in its stack and as data", () => {
    const traceback = 'Traceback (most recent call last):\n  File "tools.py", line 2, in f\nValueError: no\n';
    const python = { type: "ValueError", module: "builtins", message: "no", traceback, notes: [] };
    const error = new SnakepitError("PYTHON_EXCEPTION", "f() raised ValueError: no", { python });
    expect(error.stack).toMatch(
      /^SnakepitError: f\(\) raised ValueError: no\nTraceback \(most recent call last\):\n {2}File "tools.py", line 2, in f\n {4}at f \(tools.py:2:1\)\n {4}at /,
    );
    expect(inspect(error)).not.toContain("python:");
    expect(error.python).toEqual(python);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ python });
  });

  test("contains the exception of a host tool as its cause and as data", () => {
    const hostException = {
      name: "RangeError",
      message: "too far",
      stack: "RangeError: too far\n    at f (/app/a.js:1:1)",
    };
    const error = new SnakepitError("HOST_TOOL_EXCEPTION", 'host tool "f" threw RangeError: too far', {
      hostException,
    });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject(hostException);
    expect(inspect(error)).toMatch(/\[cause\]: .*RangeError.*: too far\n +at f \(\/app\/a\.js:1:1\)/);
    expect(inspect(error)).not.toContain("hostException");
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ hostException });
  });

  test("has the exception of a host tool as the innermost cause, after those of Python", () => {
    const hostException = { name: "RangeError", message: "too far", cause: { name: "Error", message: "root" } };
    const cause = { type: "HostToolError", module: "snakepit_bridge", message: "b", traceback: "…", notes: [] };
    const python = { ...cause, type: "ValueError", message: "a", cause };
    const error = new SnakepitError("PYTHON_EXCEPTION", "ValueError: a", { python, hostException });
    expect(error.cause).toMatchObject({
      code: "PYTHON_EXCEPTION",
      message: "HostToolError: b",
      hostException,
      cause: { name: "RangeError", message: "too far", cause: { name: "Error", message: "root" } },
    });
  });

  test("can be serialized as JSON", () => {
    const error = new SnakepitError("QUEUE_TIMEOUT", "late", { pool: "ml", details: { queueTimeoutMs: 5 } });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: "SnakepitError",
      code: "QUEUE_TIMEOUT",
      message: "late",
      retryable: true,
      details: { queueTimeoutMs: 5 },
      pool: "ml",
    });
  });
});

describe("instanceof SnakepitError", () => {
  class Subclass extends SnakepitError {}

  test("is true for instances of the class and of subclasses", () => {
    expect(new SnakepitError("INTERNAL", "no") instanceof SnakepitError).toBe(true);
    expect(new Subclass("INTERNAL", "no") instanceof SnakepitError).toBe(true);
  });

  test("distinguishes a subclass from its base class", () => {
    expect(new Subclass("INTERNAL", "no") instanceof Subclass).toBe(true);
    expect(new SnakepitError("INTERNAL", "no") instanceof Subclass).toBe(false);
  });

  test.each<[string, unknown]>([
    [
      "another error with the same name and code",
      Object.assign(new Error("x"), { name: "SnakepitError", code: "INTERNAL" }),
    ],
    ["an object with the same properties", { ...new SnakepitError("INTERNAL", "x"), message: "x" }],
    ["an object with the same prototype that is not an error", Object.create(SnakepitError.prototype)],
    ["a string", "SnakepitError"],
    ["null", null],
    ["undefined", undefined],
  ])("is false for %s", (_, value) => {
    expect(value instanceof SnakepitError).toBe(false);
  });
});

describe("hostExceptionOf", () => {
  test("returns name, message, stack and causes", () => {
    const root = new TypeError("root");
    const error = new RangeError("too far", { cause: root });
    expect(hostExceptionOf(error)).toEqual({
      name: "RangeError",
      message: "too far",
      stack: error.stack,
      cause: { name: "TypeError", message: "root", stack: root.stack },
    });
  });

  test("supports errors of another realm and DOMException", () => {
    expect(hostExceptionOf(runInNewContext('new RangeError("x")'))).toMatchObject({ name: "RangeError", message: "x" });
    expect(hostExceptionOf(AbortSignal.abort().reason)).toMatchObject({ name: "AbortError" });
  });

  test("limits the size of the result", () => {
    const endless = new Error("m".repeat(100_000));
    endless.cause = endless;
    endless.stack = "s".repeat(1_000_000);
    const exception = hostExceptionOf(endless);
    expect(exception?.message).toHaveLength(16_384);
    expect(exception?.stack).toHaveLength(65_536);
    expect(exception?.cause).toBeUndefined();
    let deep = new Error("0");
    for (let depth = 1; depth < 100; depth++) deep = new Error(String(depth), { cause: deep });
    expect(JSON.stringify(hostExceptionOf(deep)).match(/"message"/g)).toHaveLength(8);
  });

  test("ignores getters that throw", () => {
    const hostile = new Error("x");
    for (const property of ["name", "message", "stack", "cause"]) {
      Object.defineProperty(hostile, property, { get: () => Object.keys(null as never) });
    }
    expect(hostExceptionOf(hostile)).toEqual({ name: "Error", message: "" });
  });

  test.each([["a string"], [42], [null], [undefined], [{ name: "Error", message: "x" }]])(
    "returns undefined for %j",
    (thrown) => {
      expect(hostExceptionOf(thrown)).toBeUndefined();
    },
  );
});

describe("the error codes", () => {
  test("are recognized exactly", () => {
    expect(isErrorCode("WORKER_CRASHED")).toBe(true);
    for (const other of ["worker_crashed", "TOTALLY_NEW", "toString", "__proto__", ""])
      expect(isErrorCode(other)).toBe(false);
  });

  test.each(Object.keys(ERROR_CODES) as ErrorCode[])("include %s, which has the gRPC status of an error", (code) => {
    const { grpcStatus } = new SnakepitError(code, "");
    expect(Object.values(GRPC_STATUS)).toContain(grpcStatus);
    expect(grpcStatus).not.toBe(GRPC_STATUS.OK);
  });
});

describe("rejectToCaller", () => {
  function callThatFailsLater(error: SnakepitError): Promise<never> {
    return new Promise((resolve) => setImmediate(() => resolve(rejectToCaller(error))));
  }

  async function functionOfTheUser(error: SnakepitError): Promise<never> {
    return await callThatFailsLater(error);
  }

  test("the stack contains the functions that await the call", async () => {
    const error = new SnakepitError("INTERNAL", "it broke");
    const caught = await functionOfTheUser(error).catch((thrown: unknown) => thrown);
    expect(caught).toBe(error);
    expect(error.stack).toMatch(/^SnakepitError: it broke\n {4}at (async )?functionOfTheUser/);
  });

  test("an error that no function awaits keeps its original stack", async () => {
    const error = new SnakepitError("INTERNAL", "it broke");
    const original = error.stack;
    await new Promise<void>((resolve) => {
      callThatFailsLater(error).catch(() => resolve());
    });
    expect(error.stack).toBe(original);
  });
});
