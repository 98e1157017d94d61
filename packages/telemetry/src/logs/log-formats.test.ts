import { SnakepitError } from "@snakepit/core";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { builtInLogger } from "./built-in-logger.ts";
import { jsonLogger } from "./json-logger.ts";
import { prettyLogger } from "./pretty-logger.ts";
import { createRedactor } from "./redactor.ts";

const TRACEBACK = `Traceback (most recent call last):
  File "/app/tools.py", line 12, in predict
    raise RuntimeError("outer") from error
RuntimeError: outer
`;
const LOGGED = `could not predict\n${TRACEBACK}`.trimEnd();

const cause = { type: "ValueError", module: "builtins", message: "inner", traceback: TRACEBACK, notes: [] };
const python = {
  type: "RuntimeError",
  module: "builtins",
  message: "outer",
  traceback: TRACEBACK,
  notes: ["in batch 3"],
  cause,
};
const error = new SnakepitError("PYTHON_EXCEPTION", "predict() raised RuntimeError: outer", {
  python,
  pool: "ml",
  callId: "c-1",
  details: { index: 4 },
});
const record = {
  pool: "ml",
  workerId: "ml-1",
  source: "logging",
  logger: "app",
  callId: "c-1",
  sessionId: "s-1",
  thread: "loader",
};

function linesOf(create: (write: (line: string) => void) => ReturnType<typeof jsonLogger>) {
  const lines: string[] = [];
  const logger = createRedactor().logger(create((line) => lines.push(line)));
  return { logger, lines };
}

describe("JSON lines", () => {
  test("have the fields of pino", () => {
    const { logger, lines } = linesOf((write) => jsonLogger(write, () => 1_700_000_000_000));
    logger.debug({}, "one");
    logger.info({}, "two");
    logger.warn(record, LOGGED);
    logger.error({ pool: "ml" }, "four");
    expect(lines.every((line) => line.endsWith("}\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
    const head = { time: 1_700_000_000_000, name: "snakepit" };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 20, ...head, msg: "one" },
      { level: 30, ...head, msg: "two" },
      { level: 40, ...head, ...record, msg: LOGGED },
      { level: 50, ...head, pool: "ml", msg: "four" },
    ]);
  });

  test("have the same error as pino's, with the traceback, notes, causes, place and details", () => {
    const { logger, lines } = linesOf(jsonLogger);
    const withPino = linesOf((write) => pino({}, { write }));
    for (const each of [logger, withPino.logger]) each.error({ err: error }, "failed");
    const errorOf = ([line = ""]: readonly string[]) => (JSON.parse(line) as { err: Record<string, unknown> }).err;
    const ours = errorOf(lines);
    expect(ours).toMatchObject({
      type: "SnakepitError",
      message: "predict() raised RuntimeError: outer: ValueError: inner",
      code: "PYTHON_EXCEPTION",
      pool: "ml",
      callId: "c-1",
      details: { index: 4 },
      python,
    });
    expect(ours).toHaveProperty("stack", expect.stringContaining("in batch 3\nTraceback"));
    expect(ours).toHaveProperty("stack", expect.stringContaining("caused by: SnakepitError: ValueError: inner"));
    const { python: theirPython, ...theirs } = errorOf(withPino.lines);
    // pino treats any object with a message as an error.
    expect(theirPython).toMatchObject({ type: "RuntimeError", message: "outer: inner", traceback: TRACEBACK });
    expect({ ...ours, name: "SnakepitError" }).toEqual({ ...theirs, python, name: "SnakepitError" });
  });

  test("of pino have everything of an error that a program logs itself", () => {
    const lines: string[] = [];
    pino({}, { write: (line) => lines.push(line) }).error(error);
    const { err } = JSON.parse(lines.join()) as { err: { stack: string } };
    expect(err).toMatchObject({ type: "SnakepitError", code: "PYTHON_EXCEPTION", pool: "ml", callId: "c-1" });
    expect(err).toMatchObject({ details: { index: 4 }, message: expect.stringContaining("outer: ValueError: inner") });
    for (const part of [
      "in batch 3",
      "at predict (/app/tools.py:12:1)",
      "caused by: SnakepitError: ValueError: inner",
    ]) {
      expect(err.stack).toContain(part);
    }
  });

  test("have errors of other libraries, their causes, and no secrets", () => {
    const { logger, lines } = linesOf(jsonLogger);
    const root = Object.assign(new TypeError("password=hunter2"), { apiKey: "hunter2" });
    const other = Object.assign(new Error("query failed", { cause: root }), { statement: "token=hunter2" });
    logger.error({ err: other }, "failed");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: {
        type: "Error",
        message: "query failed: password=***",
        stack: expect.stringContaining("caused by: TypeError: password=***\n    at "),
        statement: "token=***",
      },
    });
    expect(lines.join()).not.toContain("hunter2");
  });

  test("contain any value, as a string if JSON has no form for it", () => {
    const { logger, lines } = linesOf(jsonLogger);
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    logger.info({ big: 2n ** 70n, count: 1, cycle }, "strange");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ big: "1180591620717411303424n", count: 1, msg: "strange" });
    expect(() => jsonLogger(() => {}).info(cycle, "raw")).not.toThrow();
  });
});

describe("pretty lines", () => {
  const at = () => new Date(2026, 0, 2, 3, 4, 5, 678);
  const pretty = (colors = false) => linesOf((write) => prettyLogger(write, colors, at));

  test("are aligned, with the worker, and where a record comes from", () => {
    const { logger, lines } = pretty();
    logger.info({ pool: "ml", workerId: "ml-1", source: "stdout", callId: "c-1" }, "hello");
    logger.warn({ pool: "ml", workerId: "ml-1", source: "stderr" }, "Downloading…");
    logger.info({ pool: "ml" }, "pool ml has recovered");
    logger.warn(record, "slow");
    logger.debug({ workerId: "ml-1", source: "logging" }, "root");
    expect(lines).toEqual([
      "03:04:05.678 out   [ml-1] hello\n",
      "03:04:05.678 err   [ml-1] Downloading…\n",
      "03:04:05.678 INFO  [snakepit] pool ml has recovered\n",
      "03:04:05.678 WARN  [ml-1]     app: slow callId=c-1 sessionId=s-1 thread=loader\n",
      "03:04:05.678 DEBUG [ml-1]     root: root\n",
    ]);
  });

  test("have tracebacks of records and errors below, indented", () => {
    const { logger, lines } = pretty();
    logger.error({ workerId: "ml-1", source: "logging", logger: "app" }, LOGGED);
    logger.warn({ pool: "ml", err: error }, "worker ml-1 failed: predict() raised RuntimeError: outer");
    const below = TRACEBACK.trimEnd()
      .split("\n")
      .map((line) => `    ${line}`);
    expect(lines.join("").split("\n")).toEqual([
      "03:04:05.678 ERROR [ml-1] app: could not predict",
      ...below,
      "03:04:05.678 WARN  [snakepit] worker ml-1 failed: predict() raised RuntimeError: outer",
      ...below,
      "",
    ]);
  });

  test("have the rest of the message of an error, the stack of an unexpected one, and the stacks of a killed worker", () => {
    const { logger, lines } = pretty();
    const missing = new SnakepitError("WORKER_START_FAILED", "no such file\nsearched: /a, /b");
    logger.warn({ err: missing }, "start failed: no such file");
    logger.error({ err: new TypeError("x is not a function") }, "a listener failed: x is not a function");
    logger.warn({ workerId: "ml-1", stacks: "Thread 1:\n  File a.py" }, "worker ml-1 was killed");
    expect(lines[0]).toBe("03:04:05.678 WARN  [snakepit] start failed: no such file\n    searched: /a, /b\n");
    expect(lines[1]).toMatch(/\n {4}TypeError: x is not a function\n {8}at /);
    expect(lines[2]).toMatch(/was killed\n {4}Thread 1:\n {6}File a\.py\n$/);
  });

  test("have colors only if requested, and escape sequences of a message do not affect what follows", () => {
    const colored = pretty(true);
    colored.logger.warn({ workerId: "ml-1", source: "stdout" }, "\u001b[31mred");
    expect(colored.lines[0]?.endsWith("\u001b[31mred\u001b[0m\n")).toBe(true);
    const plain = pretty();
    plain.logger.warn({ workerId: "ml-1", source: "stdout" }, "\u001b[31mred");
    expect(plain.lines[0]).toBe("03:04:05.678 out   [ml-1] red\n");
  });
});

describe("control characters in pretty lines", () => {
  const write = (fields: object, message: string, colors: boolean) => {
    const lines: string[] = [];
    const at = () => new Date(2026, 0, 2, 3, 4, 5, 678);
    prettyLogger((line) => lines.push(line), colors, at).warn({ source: "stdout", ...fields }, message);
    const [, text = ""] = lines.join("").split("worker]");
    return text.replace("\u001b[39m", "").trimEnd();
  };

  test.each([
    ["10%\r20%", "10%\\x0d20%"],
    ["a\bb\u0000\u0007", "a\\x08b\\x00\\x07"],
    ["one\r\ntwo\tthree", "one\n    two\tthree"],
    ["\u001b[2J\u001b[1;1Hforged", "forged"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u009b2Jtext", "text"],
    ["\u001b", "\\x1b"],
  ])("of the message %j change nothing else in the terminal", (message, shown) => {
    for (const colors of [false, true]) expect(write({}, message, colors).trim()).toBe(shown);
  });

  test("that set colors are kept among others that are not", () => {
    expect(write({}, "\u001b[31mred\u001b[2J\r", true).trim()).toBe("\u001b[31mred\\x0d\u001b[0m");
  });

  test("of names, which callers may choose, cannot forge a line", () => {
    const forged = "x\n03:04:05.678 ERROR [snakepit] \u001b[2Jforged";
    const names = { source: "logging", logger: forged, callId: "c-1", sessionId: forged, thread: forged };
    const line = write(names, "text", false);
    expect(line).not.toContain("\n");
    expect(line).toContain("sessionId=x\\x0a03:04:05.678 ERROR [snakepit] \\x1b[2Jforged");
  });
});

describe("the built-in logger", () => {
  const written = (format: Parameters<typeof builtInLogger>[0], isTTY: boolean, env: Record<string, string>) => {
    const lines: string[] = [];
    const stream = { write: (line: string) => lines.push(line), isTTY, hasColors: () => true };
    builtInLogger(format, stream, env).info({ pool: "p" }, "hello");
    const [line = ""] = lines;
    if (line.startsWith("{")) return "json";
    return line.includes("\u001b[") ? "colored" : "plain";
  };

  test.each([
    ["auto", true, {}, "colored"],
    ["auto", false, {}, "json"],
    [undefined, false, {}, "json"],
    ["json", true, {}, "json"],
    ["pretty", true, {}, "colored"],
    ["pretty", false, {}, "plain"],
    ["pretty", true, { NO_COLOR: "1" }, "plain"],
    ["pretty", true, { NO_COLOR: "" }, "colored"],
    ["pretty", false, { FORCE_COLOR: "1" }, "colored"],
    ["pretty", true, { FORCE_COLOR: "0" }, "plain"],
    ["auto", false, { FORCE_COLOR: "1" }, "json"],
  ] as const)("with the format %s, terminal %s and %j writes %s lines", (format, isTTY, env, expected) => {
    expect(written(format, isTTY, env)).toBe(expected);
  });
});
