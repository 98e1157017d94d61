import { inspect, stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { SnakepitError, type SnakepitErrorOptions } from "./snakepit-error.ts";

const INNER = `Traceback (most recent call last):
  File "/app/tools.py", line 10, in predict
    load()
ValueError: inner
`;

const TRACEBACK = `${INNER}
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/.venv/lib/python3.12/site-packages/torch/nn.py", line 3, in forward
    return self.run()
           ~~~~~~~~^^
  File "/app/tools.py", line 12, in predict
    raise RuntimeError("outer") from error
RuntimeError: outer
in batch 3
`;

const cause = { type: "ValueError", module: "builtins", message: "inner", traceback: INNER, notes: [] };
const python = {
  type: "RuntimeError",
  module: "builtins",
  message: "outer",
  traceback: TRACEBACK,
  notes: ["in batch 3"],
  cause,
};

function pythonError(options: SnakepitErrorOptions = {}): SnakepitError {
  const where = { pool: "ml", workerId: "ml-1", callId: "c-1" };
  return new SnakepitError("PYTHON_EXCEPTION", "predict() raised RuntimeError: outer", {
    python,
    ...where,
    ...options,
  });
}

describe("an inspected error from Python", () => {
  test("has the traceback as Python prints it, then the functions that called, then where it happened", () => {
    const printed = inspect(pythonError());
    expect(
      printed.startsWith(
        `SnakepitError [PYTHON_EXCEPTION]: predict() raised RuntimeError: outer\n${TRACEBACK}Called from:\n    at `,
      ),
    ).toBe(true);
    expect(printed).toMatch(/\n {4}at pythonError \(.*error-text\.test\.ts[^\n]*\n/);
    expect(printed).toMatch(/\n {2}pool: 'ml', workerId: 'ml-1', callId: 'c-1'$/);
  });

  test("has nothing twice, and no empty properties", () => {
    const printed = inspect(pythonError());
    expect(printed.match(/ValueError: inner/g)).toHaveLength(1);
    for (const noise of ["[cause]", "details", "retryable", "at predict (/app/tools.py", "node:internal"]) {
      expect(printed).not.toContain(noise);
    }
  });

  test("does not repeat a traceback that its message contains", () => {
    const error = new SnakepitError("WORKER_START_FAILED", `the import failed:\n${TRACEBACK}`, { python });
    expect(inspect(error).match(/RuntimeError: outer/g)).toHaveLength(1);
  });

  test("has the exception of the host tool that caused it", () => {
    const hostException = {
      name: "RangeError",
      message: "too far",
      stack: "RangeError: too far\n    at f (/a.js:1:1)",
    };
    expect(inspect(pythonError({ hostException }))).toMatch(
      /\n {2}\[cause\]: .*RangeError.*: too far\n +at f \(\/a\.js:1:1\)/,
    );
  });

  test("has at most 200 lines of traceback", () => {
    const frame = '  File "/app/tools.py", line 2, in deep\n    return deep()\n';
    const traceback = `Traceback (most recent call last):\n${frame.repeat(900)}RecursionError: no\n`;
    const printed = inspect(pythonError({ python: { ...python, traceback } }));
    expect(printed.split("\n").length).toBeLessThan(220);
    expect(printed).toContain("  … 1602 lines are omitted; error.python.traceback has them …");
    expect(printed).toContain("RecursionError: no");
  });

  test("has colors only if they are requested, and they change nothing else", () => {
    const error = pythonError();
    const colored = inspect(error, { colors: true });
    expect(colored).toContain('\u001b[36m  File "/app/tools.py", line 12, in predict\u001b[39m');
    expect(colored).toContain('\u001b[2m  File "/app/.venv/lib/python3.12/site-packages/torch/nn.py"');
    expect(stripVTControlCharacters(colored)).toBe(inspect(error));
  });
});

describe("any inspected error", () => {
  test("has its details, without those that its message contains", () => {
    const details = { pid: 7, signal: "SIGSEGV", exitCode: undefined, stderrTail: "Fatal Python error\n…" };
    const error = new SnakepitError("WORKER_CRASHED", "worker died; last lines of stderr:\nFatal Python error", {
      pool: "ml",
      details,
    });
    expect(inspect(error)).toMatch(/\n {2}pool: 'ml', retryable: true\n {2}details: \{ pid: 7, signal: 'SIGSEGV' \}$/);
  });

  test("has the properties that a program has added", () => {
    const error = Object.assign(new SnakepitError("INTERNAL", "no"), { requestId: "r-1" });
    expect(inspect(error)).toContain("requestId: 'r-1'");
  });

  test("has its cause, indented, down to the requested depth", () => {
    const root = new SnakepitError("REGISTRY_UNAVAILABLE", "no database", { cause: new Error("ECONNREFUSED") });
    const error = new SnakepitError("POOL_NOT_READY", "no worker", { cause: root });
    const printed = inspect(error);
    expect(printed).toMatch(/\n {2}\[cause\]: SnakepitError \[REGISTRY_UNAVAILABLE\]: no database\n {6}at /);
    expect(printed).toContain("    [cause]: Error: ECONNREFUSED");
    expect(inspect([[[error]]])).toContain("[SnakepitError [POOL_NOT_READY]: no worker]");
  });

  test("has no frames of installed Snakepit packages and of Node.js, unless it has no other frames", () => {
    const own =
      "    at Snakepit.pool (file:///app/node_modules/.pnpm/snakepit@1/node_modules/snakepit/dist/index.js:1:1)";
    const core = "    at invalid (/app/node_modules/@snakepit/core/dist/index.js:1:1)";
    const node = "    at ModuleJob.run (node:internal/modules/esm/module_job:561:25)";
    const error = new SnakepitError("UNKNOWN_POOL", "no");
    error.stack = `SnakepitError: no\n${own}\n${core}\n    at main (/app/main.js:3:1)\n${node}`;
    expect(inspect(error).split("\n")).toEqual(["SnakepitError [UNKNOWN_POOL]: no", "    at main (/app/main.js:3:1)"]);
    error.stack = `SnakepitError: no\n${own}\n${node}`;
    expect(inspect(error)).toContain("snakepit/dist/index.js");
  });

  test("can be inspected with a stack that is not a string, and so can an object that inherits from it", () => {
    const error = new SnakepitError("INTERNAL", "no");
    Object.defineProperty(error, "stack", { value: [] });
    expect(inspect(error)).toBe("SnakepitError [INTERNAL]: no");
    expect(() => inspect(Object.create(SnakepitError.prototype))).not.toThrow();
  });
});
