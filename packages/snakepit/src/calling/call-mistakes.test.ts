import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = `from collections.abc import Iterator
from snakepit_bridge import tool

@tool
def add(a: int, b: int = 40) -> int:
    return a + b

@tool
def greet(name: str) -> str:
    return f"hello {name}"

@tool
def now() -> int:
    return 42

@tool
def count(to: int) -> Iterator[int]:
    yield from range(to)
`;

const common = commonOptions();
let directory: string;
let file: string;
let pit: Snakepit;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-mistakes-"));
  file = join(directory, "tools.py");
  writeFileSync(file, TOOLS);
  pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(file), size: 1 });
});
afterAll(async () => {
  await pit.close();
  rmSync(directory, { recursive: true });
});

/** Returns the code that a message suggests, unchanged. */
function advised(message: string): string {
  expect(message).not.toContain("\n");
  const form = /; (?:write|did you mean) (?:for example )?`?(.+?)[`?]?$/.exec(message)?.[1];
  if (form === undefined) throw new Error(`no advice in: ${message}`);
  return form;
}

/** Runs the code that a message suggests, in a scope with the names that it uses. */
async function follow(code: string, names: Readonly<Record<string, unknown>>): Promise<unknown> {
  const run = new Function(...Object.keys(names), `return (async () => (${code}))()`) as (
    ...values: unknown[]
  ) => unknown;
  return await run(...Object.values(names));
}

/** Makes a call without type checks. */
const call = (...given: unknown[]) => (pit.execute as (...args: unknown[]) => Promise<unknown>).apply(pit, given);

class Point {
  a = 2;
  b = 40;
}

describe("the error of an invalid call suggests a call that works as written (E8)", () => {
  test.each<[string, unknown[], unknown]>([
    ["arguments one after another", ["add", 2, 40], 42],
    ["arguments in an array", ["add", [2, 40]], 42],
    ["one argument without its name", ["add", 2], 42],
    ["arguments for a tool without parameters", ["now", 1], 42],
    ["null for no arguments", ["now", null], 42],
    ["a map", ["add", new Map([["a", 2]])], 42],
    ["an instance of a class", ["add", new Point()], 42],
    ["a promise", ["add", Promise.resolve({ a: 2 })], 42],
  ])("%s", async (_, given, value) => {
    const error = await failure(call(...given));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(await follow(`pit.${advised(error.message)}`, { pit, args: given[1] })).toBe(value);
  });

  test("the content of a string is not shown, since it may be a secret", async () => {
    const error = await failure(call("greet", "hunter2"));
    expect(error.message).toBe(
      'the arguments of tool "greet" must be one object, by name; got "…"; write execute("greet", { name: "…" })',
    );
  });

  test("a function or an object in place of the name", async () => {
    function add() {}
    for (const given of [add, { tool: "add", args: { a: 2 } }, { name: "add" }]) {
      expect(advised((await failure(call(given))).message)).toBe('execute("add", { … })');
    }
    expect(advised((await failure(call())).message)).toBe('execute("add", { a: … })');
  });

  test("execute() of a streaming tool, and stream() of another one", async () => {
    expect((await failure(pit.execute("count", { to: 3 }))).message).toContain(
      'call it with stream(), as in for await (const chunk of pit.stream("count", { … }))',
    );
    expect((await failure(pit.stream("now").next() as Promise<unknown>)).message).toContain(
      'await pit.execute("now", { … })',
    );
  });

  test.each<[unknown, string, unknown]>([
    [0, "timeoutMs: Infinity for no limit, or omit it for the default", { timeoutMs: Number.POSITIVE_INFINITY }],
    ["30", 'timeoutMs: 30 for milliseconds, or timeoutMs: "30s" for seconds', { timeoutMs: "30s" }],
    ["50 s", 'timeoutMs: "50s"', { timeoutMs: "50s" }],
    ["2 minutes", 'timeoutMs: "2m"', { timeoutMs: "2m" }],
    [-1, 'milliseconds, such as timeoutMs: 500, or a string such as timeoutMs: "30s"', { timeoutMs: 50_000 }],
    [Number.NaN, 'milliseconds, such as timeoutMs: 500, or a string such as timeoutMs: "30s"', { timeoutMs: "30s" }],
  ])("the time limit %o", async (timeoutMs, form, options) => {
    const error = await failure(call("now", {}, { timeoutMs }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(advised(error.message)).toBe(form);
    expect(await call("now", {}, options)).toBe(42);
  });

  test("a number or a signal in place of the options", async () => {
    expect(advised((await failure(call("now", {}, 50_000))).message)).toBe("{ timeoutMs: 50000 }");
    expect(await call("now", {}, { timeoutMs: 50_000 })).toBe(42);
    const { signal } = new AbortController();
    expect(advised((await failure(call("now", {}, signal))).message)).toBe("{ signal }");
    expect(await call("now", {}, { signal })).toBe(42);
    expect(advised((await failure(pit.ready(5_000 as never))).message)).toBe("{ timeoutMs: 5000 }");
    await pit.ready({ timeoutMs: 5_000 });
    expect(advised((await failure(pit.ready(signal as never))).message)).toBe("{ signal }");
    await pit.ready({ signal });
  });
});

describe("the error of an invalid start suggests a start that works as written (E8)", () => {
  const start = (...given: unknown[]) =>
    (Snakepit.start as (...args: unknown[]) => Promise<Snakepit>).apply(Snakepit, given);
  /** The product, with the registry and the size for the test. */
  const product = { start: (config: object) => start({ ...common(), ...LONG_TIME_LIMITS, size: 1, ...config }) };

  test.each<[string, () => unknown[]]>([
    ["a worker in place of the configuration", () => [python(file)]],
    ["a worker, followed by options of the pool", () => [python(file), { size: 2 }]],
    ["the path of a file", () => [file]],
    ["an array with the path of a file", () => [[file]]],
  ])("%s", async (_, given) => {
    const error = await failure(start(...given()));
    expect(error.code).toBe("INVALID_CONFIG");
    const started = (await follow(advised(error.message), { Snakepit: product, python })) as Snakepit;
    await using _host = started;
    expect(await started.execute("now")).toBe(42);
  });

  test.each<[string, () => object]>([
    ["the path of a file as the worker", () => ({ worker: file })],
    ["the path under another name", () => ({ script: file, worker: python(file) })],
    ["a worker as a pool", () => ({ pools: { default: python(file) } })],
    ["the path of a file as a pool", () => ({ pools: { default: file } })],
  ])("%s", async (_, config) => {
    const error = await failure(start({ ...common(), ...config() }));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.details["problems"]).toHaveLength(1);
    const given = (await follow(`{ ${advised(error.message)} }`, { python })) as object;
    await using started = await start({ ...common(), ...given });
    expect(await started.execute("now")).toBe(42);
  });

  test.each([
    [{ timeout: 5 }, "`executeTimeoutMs`"],
    [{ workers: 4 }, "`size`"],
    [{ poolSize: 4 }, "`size`"],
    [{ restart: { maxRestart: 1 } }, "`maxRestarts`"],
    [{ size: "4" }, "`size: 4`"],
    [{ executeTimeoutMs: "30" }, 'executeTimeoutMs: "30s"'],
    [{ executeTimeoutMs: 0 }, "executeTimeoutMs: Infinity"],
  ])("the options %o", async (options, form) => {
    const error = await failure(start({ ...common(), worker: python(file), ...options }));
    expect(error.message).toContain(form);
    expect(error.message.length).toBeLessThan(250);
  });

  test("unknown options are listed once", async () => {
    const error = await failure(start({ ...common(), worker: python(file), wobble: 1, wibble: 2 }));
    expect(error.message.split("heartbeatIntervalMs")).toHaveLength(2);
  });

  test.each<[string, () => string | URL]>([
    ["without its extension", () => file.slice(0, -3)],
    ["with a capital letter", () => join(directory, "Tools.py")],
    ["misspelled", () => join(directory, "tolls.py")],
  ])("the name of a file %s", async (_, target) => {
    const error = await failure(start({ ...common(), worker: python(target()) }));
    const worker = await follow(advised(error.message), { python });
    await using started = await start({ ...common(), worker, size: 1 });
    expect(await started.execute("now")).toBe(42);
  });

  test("a function after the file is distinguished from a class", async () => {
    for (const target of [`${file}::add`, `${file}.add`]) {
      const { message } = await failure(start({ ...common(), worker: python(target) }));
      expect(message).toContain(
        `write python(${JSON.stringify(file)}) and name the tool in the call: execute("add", { … })`,
      );
    }
  });

  test("the URL of a file is accepted as an object and as a string", async () => {
    for (const target of [pathToFileURL(file), pathToFileURL(file).href]) {
      await using started = await start({ ...common(), worker: python(target), size: 1 });
      expect(await started.execute("now")).toBe(42);
    }
  });
});
