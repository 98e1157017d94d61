import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

let pit: Snakepit;
beforeAll(async () => {
  pit = await Snakepit.start({ worker: python(TOOLS), size: 1, maxPayloadBytes: 1_000_000 });
});
afterAll(() => pit.close());

async function failure(call: () => Promise<unknown>): Promise<SnakepitError> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof SnakepitError)) throw error;
    return error;
  }
  throw new Error("the call succeeded");
}

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

test("an unknown tool: the closest name is offered", async () => {
  const error = await failure(() => pit.execute("slep"));
  expect(error).toMatchObject({ code: "UNKNOWN_TOOL", pool: "default" });
  expect(error.message).toMatch(/slep.*sleep/s);
});

test("an unknown pool: the pools there are", async () => {
  const error = await failure(() => pit.execute("echo", { value: 1 }, { pool: "gpu" }));
  expect(error.code).toBe("UNKNOWN_POOL");
  expect(error.message).toMatch(/gpu.*default/s);
});

test("a wrong argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", { seconds: "long" }));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toMatch(/sleep.*seconds.*float/s);
});

test("a missing argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", {}));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toMatch(/sleep.*seconds/s);
});

test("a superfluous argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", { seconds: 0, minutes: 1 }));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toMatch(/sleep.*minutes/s);
});

test("arguments that are not an object of names and values", async () => {
  const error = await failure(() => pit.execute("sleep", [1] as never));
  expect(error.code).toBe("INVALID_ARGUMENT");
});

test("a value that cannot be sent, with its path", async () => {
  const error = await failure(() => pit.execute("echo", { value: { items: [1, () => 1] } }));
  expect(error.code).toBe("SERIALIZATION");
  expect(error.message).toContain("args.value.items[1]");
});

test("a result that cannot be sent, with its path", async () => {
  const error = await failure(() => pit.execute("unsendable"));
  expect(error.code).toBe("SERIALIZATION");
  expect(error.message).toMatch(/result\.items\[1\].*object/s);
});

test("arguments over the limit", async () => {
  const error = await failure(() => pit.execute("echo", { value: "x".repeat(1_000_001) }));
  expect(error.code).toBe("PAYLOAD_TOO_LARGE");
  expect(error.message).toMatch(/1[,_ ]?000[,_ ]?000/);
});

test("execute on a streaming tool, stream on one that is not", async () => {
  expect((await failure(() => pit.execute("count", { to: 1 }))).message).toMatch(/stream/);
  expect((await failure(() => drained(pit.stream("sleep", { seconds: 0 })))).message).toMatch(/execute/);
});

test("a Python exception: type, message, traceback of the tool alone, and the caller's stack", async () => {
  const error = await failure(async function theCaller() {
    await pit.execute("fail", { message: "out of cheese" });
  });
  expect(error.code).toBe("PYTHON_EXCEPTION");
  expect(error.python).toMatchObject({ type: "ValueError", module: "builtins", message: "out of cheese" });
  expect(error.python?.traceback).toMatch(/tools\.py", line \d+, in fail/);
  expect(error.python?.traceback).not.toContain("snakepit_bridge");
  expect(error.stack).toContain("theCaller");
});

test("a time-out that is none", async () => {
  for (const timeoutMs of [-1, Number.NaN, "soon" as never]) {
    expect((await failure(() => pit.execute("echo", { value: 1 }, { timeoutMs }))).code).toBe("INVALID_ARGUMENT");
  }
});

test("after all of that the same worker answers", async () => {
  expect(await pit.execute("echo", { value: "well" })).toBe("well");
  expect(pit.stats()).toMatchObject({ busy: 0, queued: 0 });
});

test("a call after close", async () => {
  const other = await Snakepit.start({ worker: python(TOOLS), size: 1 });
  await other.close();
  await other.close();
  expect((await failure(() => other.execute("echo", { value: 1 }))).code).toBe("SHUTTING_DOWN");
});
