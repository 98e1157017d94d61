import { describe, expect, test } from "vitest";
import { stackWithPython } from "./python-failure.ts";
import { rejectToCaller, SnakepitError } from "./snakepit-error.ts";

const CHAINED = `Traceback (most recent call last):
  File "/app/tools.py", line 14, in load
    inner("{")
    ~~~~~^^^^^
  File "/usr/lib/python3.12/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: no

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/tools.py", line 20, in predict
    load()
    ~~~~^^
  File "/app/my models/model.py", line 7, in load
    raise RuntimeError("could not load") from error
  File "/app/.venv/lib/python3.12/site-packages/torch/nn.py", line 3, in forward
    return self.run()
RuntimeError: could not load
`;

const GROUP = `  + Exception Group Traceback (most recent call last):
  |   File "/app/tools.py", line 20, in group
  |     raise ExceptionGroup("many", errors)
  | ExceptionGroup: many (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/other.py", line 1, in first
    |     raise ValueError("a")
    | ValueError: a
    +------------------------------------
`;

const SYNTAX = `  File "/app/tools.py", line 3
    def broken(:
               ^
SyntaxError: invalid syntax
`;

/** Sentry's pattern for a line of a Node.js stack (packages/core/src/utils/node-stack-trace.ts). */
const SENTRY_LINE = /at (?:async )?(?:(.+?)\s+\()?(?:(.+):(\d+):(\d+)?|([^)]+))\)?/;
/** Jest's pattern that separates the message from the stack (packages/jest-message-util/src/index.ts). */
const JEST_MESSAGE = /^(?:Error: )?([\s\S]*?(?=\n\s*at\s.*:\d*:\d*)|\s*.*)([\s\S]*)$/;

const pythonError = (traceback: string, message = "predict() raised RuntimeError: could not load") =>
  new SnakepitError("PYTHON_EXCEPTION", message, {
    python: { type: "RuntimeError", module: "builtins", message: "could not load", traceback, notes: [] },
  });

describe("the stack of an error from Python (E7)", () => {
  test("contains the frames of user code, then all frames, innermost first, then the caller", () => {
    const { stack = "" } = pythonError(CHAINED);
    const lines = stack.split("\n");
    expect(lines.slice(0, 9)).toEqual([
      "SnakepitError: predict() raised RuntimeError: could not load",
      "Traceback (most recent call last):",
      '  File "/app/tools.py", line 20, in predict',
      "    load()",
      '  File "/app/my models/model.py", line 7, in load',
      '    raise RuntimeError("could not load") from error',
      "    at forward (/app/.venv/lib/python3.12/site-packages/torch/nn.py:3:1)",
      "    at load (/app/my models/model.py:7:1)",
      "    at predict (/app/tools.py:20:1)",
    ]);
    expect(lines[9]).toContain("python-failure.test.ts");
  });

  test("can be parsed like a stack of V8", () => {
    const { stack = "" } = pythonError(CHAINED);
    const [, , frames = ""] = JEST_MESSAGE.exec(stack) ?? [];
    const [top] = frames.trim().split("\n");
    expect(SENTRY_LINE.exec(top ?? "")?.slice(1, 4)).toEqual([
      "forward",
      "/app/.venv/lib/python3.12/site-packages/torch/nn.py",
      "3",
    ]);
    for (const line of frames.trim().split("\n")) expect(line).toMatch(SENTRY_LINE);
  });

  test("contains the frames of an exception group, but not those of its members", () => {
    const stack = stackWithPython("Error: many", { traceback: GROUP, notes: [] });
    expect(stack).toContain("    at group (/app/tools.py:20:1)");
    expect(stack).toContain('    raise ExceptionGroup("many", errors)');
    expect(stack).not.toContain("other.py");
  });

  test("contains the line of a syntax error", () => {
    expect(stackWithPython("Error: no", { traceback: SYNTAX, notes: [] })).toBe(
      'Error: no\nTraceback (most recent call last):\n  File "/app/tools.py", line 3, in <module>\n    def broken(:\n    at <module> (/app/tools.py:3:1)',
    );
  });

  test("contains the notes of the exception after its message", () => {
    const notes = ["in batch 3", "of two\nlines"];
    expect(stackWithPython("Error: no\n    at f (a.js:1:1)", { traceback: SYNTAX, notes })).toMatch(
      /^Error: no\nin batch 3\nof two\nlines\nTraceback \(most recent call last\):\n[\s\S]* {4}at f \(a\.js:1:1\)$/,
    );
    const many = stackWithPython("Error: no", { traceback: "", notes: ["x\n".repeat(1_000)] });
    expect(many.split("\n")).toHaveLength(21);
  });

  test("is short for a deep recursion", () => {
    const frame = '  File "/app/tools.py", line 2, in deep\n    return deep()\n';
    const traceback = `Traceback (most recent call last):\n${frame.repeat(900)}RecursionError: no\n`;
    const stack = stackWithPython("Error: no", { traceback, notes: [] });
    expect(stack.split("\n").length).toBeLessThan(35);
  });

  test.each(["", "…", "Traceback (most recent call last):\nValueError: no\n"])("is unchanged for %j", (traceback) => {
    const stack = "Error: no\n    at f (a.js:1:1)";
    expect(stackWithPython(stack, { traceback, notes: [] })).toBe(stack);
  });

  test("keeps the Python frames when it is captured again for the caller", async () => {
    const error = pythonError(CHAINED);
    const caller = async () => await rejectToCaller(error);
    await expect(caller()).rejects.toBe(error);
    expect(error.stack).toMatch(/at predict \(\/app\/tools\.py:20:1\)[\s\S]*at (async )?caller /);
    expect(error.stack?.match(/Traceback/g)).toHaveLength(1);
  });

  test("is unchanged if the program sets Error.prepareStackTrace", () => {
    const prepare = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites;
    try {
      expect(Array.isArray(pythonError(CHAINED).stack)).toBe(true);
    } finally {
      Error.prepareStackTrace = prepare;
    }
  });
});

test("a chained Python exception becomes the cause, with its own stack (E7)", () => {
  const cause = { type: "JSONDecodeError", module: "json", message: "no", traceback: CHAINED, notes: [] };
  const error = new SnakepitError("PYTHON_EXCEPTION", "no", {
    python: { type: "RuntimeError", module: "builtins", message: "x", traceback: "", notes: [], cause },
  });
  expect(error.cause).toMatchObject({ code: "PYTHON_EXCEPTION", message: "JSONDecodeError: no", python: cause });
  const { stack } = error.cause as SnakepitError;
  expect(stack).toMatch(/^SnakepitError: JSONDecodeError: no\nTraceback/);
  expect(stack).toContain("    at predict (/app/tools.py:20:1)");
  expect(stack).not.toContain("python-failure");
});
