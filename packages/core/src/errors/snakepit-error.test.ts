import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, isErrorCode } from "./error-code.ts";
import { SnakepitError } from "./snakepit-error.ts";
import { toSnakepitError } from "./to-snakepit-error.ts";

describe("a SnakepitError", () => {
  test("is an Error that knows what it was told", () => {
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
    expect(error).toMatchObject({ ...where, name: "SnakepitError", retryable: false, grpcStatus: 2 });
    expect(error.stack).toContain("SnakepitError: ValueError: no");
  });

  test("has no fields for what it does not know", () => {
    const error = new SnakepitError("INTERNAL", "no");
    for (const field of ["cause", "python", "pool", "workerId", "callId"])
      expect(Object.hasOwn(error, field)).toBe(false);
    expect(error.details).toEqual({});
  });

  test("takes whether it can be retried from its code, unless told", () => {
    expect(new SnakepitError("POOL_SATURATED", "full").retryable).toBe(true);
    expect(new SnakepitError("INVALID_CONFIG", "no").retryable).toBe(false);
    expect(new SnakepitError("WORKER_CRASHED", "no", { retryable: false }).retryable).toBe(false);
  });

  test("shows the traceback in its stack, and has it as data", () => {
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

  test("can be logged as JSON", () => {
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

describe("what is thrown becomes a SnakepitError", () => {
  test("unless it is one", () => {
    const error = new SnakepitError("CANCELLED", "no");
    expect(toSnakepitError(error, "INTERNAL", "something else")).toBe(error);
  });

  test("with the foreign error as its cause", () => {
    const thrown = new TypeError("x is not a function");
    expect(toSnakepitError(thrown)).toMatchObject({ code: "INTERNAL", message: "x is not a function", cause: thrown });
    const told = toSnakepitError(thrown, "WORKER_START_FAILED", 'worker "a" did not start', { pool: "ml" });
    expect(told).toMatchObject({
      code: "WORKER_START_FAILED",
      message: 'worker "a" did not start: x is not a function',
      cause: thrown,
      pool: "ml",
    });
  });

  test.each([
    ["a text", "a text"],
    [42, "42"],
    [null, "null"],
    [undefined, "undefined"],
  ])("even %s", (thrown, message) => {
    expect(toSnakepitError(thrown).message).toBe(message);
  });
});

describe("the codes", () => {
  test("are a closed list", () => {
    expect(isErrorCode("WORKER_CRASHED")).toBe(true);
    for (const other of ["worker_crashed", "TOTALLY_NEW", "toString", "__proto__", ""])
      expect(isErrorCode(other)).toBe(false);
  });

  test("each have a gRPC status that is one", () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { grpcStatus } = new SnakepitError(code, "");
      expect(Number.isInteger(grpcStatus) && grpcStatus >= 1 && grpcStatus <= 16, code).toBe(true);
    }
  });
});
