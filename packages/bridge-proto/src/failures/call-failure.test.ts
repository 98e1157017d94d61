import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { errorOfFailure, failureOfError } from "./call-failure.ts";

describe("a failure on the wire", () => {
  it("becomes the same error again, details and exception included", () => {
    const cause = { type: "KeyError", module: "builtins", message: "'a'", traceback: "t1", notes: [] };
    const error = new SnakepitError("PYTHON_EXCEPTION", "ValueError: bad", {
      details: { count: 3, path: ["a", "b"], nothing: null },
      python: { type: "ValueError", module: "app", message: "bad", traceback: "t2", notes: ["n"], cause },
    });
    const context = { pool: "p", workerId: "w", callId: "c" };
    const again = errorOfFailure(failureOfError(error), context);
    expect(again).toMatchObject({ ...context, code: error.code, message: error.message, details: error.details });
    expect(again.python).toEqual(error.python);
  });

  it("carries details that JSON cannot hold as text", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const error = new SnakepitError("INTERNAL", "odd", { details: { big: 10n, cycle, missing: undefined } });
    expect(errorOfFailure(failureOfError(error), {}).details).toEqual({
      big: "10",
      cycle: "[object Object]",
      missing: null,
    });
  });

  it("without a reason is INTERNAL", () => {
    expect(errorOfFailure(undefined, { workerId: "w" })).toMatchObject({ code: "INTERNAL", workerId: "w" });
  });
});
