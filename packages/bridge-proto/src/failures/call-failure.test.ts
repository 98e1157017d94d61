import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { errorOfFailure, failureOfError } from "./call-failure.ts";

describe("a failure on the wire", () => {
  it("is decoded as the same error, with details and exceptions", () => {
    const cause = { type: "KeyError", module: "builtins", message: "'a'", traceback: "t1", notes: [] };
    const hostException = {
      name: "RangeError",
      message: "far",
      stack: "s1",
      cause: { name: "Error", message: "root" },
    };
    const error = new SnakepitError("PYTHON_EXCEPTION", "ValueError: bad", {
      hostException,
      details: { count: 3, path: ["a", "b"], nothing: null },
      python: { type: "ValueError", module: "app", message: "bad", traceback: "t2", notes: ["n"], cause },
    });
    const context = { pool: "p", workerId: "w", callId: "c" };
    const again = errorOfFailure(failureOfError(error), context);
    expect(again).toMatchObject({ ...context, code: error.code, message: error.message, details: error.details });
    expect(again.python).toEqual(error.python);
    expect(again.hostException).toEqual(hostException);
  });

  it("contains details that JSON cannot represent as strings", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const error = new SnakepitError("INTERNAL", "odd", { details: { big: 10n, cycle, missing: undefined } });
    expect(errorOfFailure(failureOfError(error), {}).details).toEqual({
      big: "10",
      cycle: "[object Object]",
      missing: null,
    });
  });

  it.each([
    [undefined, "INTERNAL"],
    ["HOST_TOOL_EXCEPTION", "HOST_TOOL_EXCEPTION"],
  ] as const)(
    "with an unknown code and the replacement %s becomes %s, with the code in the details",
    (unknownCode, code) => {
      const failure = { ...failureOfError(new SnakepitError("INTERNAL", "new")), code: "FROM_THE_FUTURE" };
      expect(errorOfFailure(failure, {}, unknownCode)).toMatchObject({ code, details: { code: "FROM_THE_FUTURE" } });
    },
  );

  it("is INTERNAL if it is missing", () => {
    expect(errorOfFailure(undefined, { workerId: "w" })).toMatchObject({ code: "INTERNAL", workerId: "w" });
  });
});
