import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

let pit: Snakepit;
beforeAll(async () => {
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    maxPayloadBytes: 1_000_000,
    logger: false,
  });
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

test("an unknown tool is rejected with the most similar name", async () => {
  const error = await failure(() => pit.execute("slep"));
  expect(error).toMatchObject({ code: "UNKNOWN_TOOL", pool: "default" });
  expect(error.message).toMatch(/^pool "default" has no tool "slep"; did you mean "sleep"\? available tools: .*count/);
});

test("an unknown pool is rejected with the existing pools", async () => {
  const error = await failure(() => pit.execute("echo", { value: 1 }, { pool: "gpu" }));
  expect(error.code).toBe("UNKNOWN_POOL");
  expect(error.message).toBe('unknown pool "gpu"; available pools: default');
  for (const [pool, shown] of [
    [pit.pool(), "an object of class PoolClient"],
    [null, "null"],
  ]) {
    const none = await failure(() => pit.execute("echo", { value: 1 }, { pool: pool as never }));
    expect(none.code).toBe("UNKNOWN_POOL");
    expect(none.message).toBe(`pool must be the name of a pool; got ${shown}; available pools: default`);
  }
});

test("a call of one pool cannot choose another one", async () => {
  const error = await failure(() => pit.pool().execute("echo", { value: 1 }, { pool: "gpu" } as never));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toBe(
    'pool must be "default" in a call of pool "default"; got "gpu"; omit it, or make the call through the host or the other pool',
  );
  expect(await pit.pool().execute("echo", { value: 1 }, { pool: "default" } as never)).toBe(1);
});

test("a wrong argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", { seconds: "long" }));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toBe("sleep(): argument 'seconds' must be float; got str (\"long\")");
});

test("a missing argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", {}));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toBe("sleep() requires argument 'seconds'");
});

test("an unknown argument is named", async () => {
  const error = await failure(() => pit.execute("sleep", { seconds: 0, minutes: 1 }));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toBe("sleep() has no argument 'minutes'; parameters: seconds");
});

test("arguments that are not an object are rejected", async () => {
  const error = await failure(() => pit.execute("sleep", [1] as never));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toBe(
    'the arguments of tool "sleep" must be one object, by name; got an array; write execute("sleep", { seconds: 1 })',
  );
});

test("a value that cannot be sent is rejected with its path", async () => {
  const error = await failure(() => pit.execute("echo", { value: { items: [1, () => 1] } }));
  expect(error.code).toBe("SERIALIZATION");
  expect(error).toMatchObject({ pool: "default", details: { path: "args.value.items[1]" } });
  expect(error.message).toBe("echo(): args.value.items[1]: cannot send a function; send what it returns");
});

test("a result that cannot be sent fails the call with its path", async () => {
  const error = await failure(() => pit.execute("unsendable"));
  expect(error.code).toBe("SERIALIZATION");
  expect(error.details).toMatchObject({ path: "result.items[1]" });
  expect(error.message).toMatch(/^unsendable\(\): result\.items\[1\]: cannot send object; send/);
});

test("arguments, a result and a chunk over the limit are rejected with the option that raises it", async () => {
  const size = 1_000_001;
  const sent = await failure(() => pit.execute("echo", { value: "x".repeat(size) }));
  const result = await failure(() => pit.execute("large", { size }));
  const chunks: number[] = [];
  const chunk = await failure(async () => {
    for await (const bytes of pit.stream<Uint8Array>("large_chunks", { sizes: [10, size, 10] }))
      chunks.push(bytes.length);
  });
  for (const [error, what] of [
    [sent, "echo(): args"],
    [result, "large(): result"],
    [chunk, "large_chunks(): chunk[1]"],
  ] as const) {
    expect(error).toMatchObject({ code: "PAYLOAD_TOO_LARGE", pool: "default" });
    expect(error.message.slice(0, what.length)).toBe(what);
    expect(error.message).toMatch(
      / \d{7} bytes where 1000000 are allowed; send less at a time or raise maxPayloadBytes$/,
    );
  }
  expect(chunks).toEqual([10]);
});

test("execute() of a streaming tool and stream() of another tool name the right method", async () => {
  expect((await failure(() => pit.execute("count", { to: 1 }))).message).toMatch(/stream/);
  expect((await failure(() => drained(pit.stream("sleep", { seconds: 0 })))).message).toMatch(/execute/);
});

test("a Python exception has its type, message, the traceback of the tool only, and the stack of the caller", async () => {
  const error = await failure(async function theCaller() {
    await pit.execute("fail", { message: "out of cheese" });
  });
  expect(error.code).toBe("PYTHON_EXCEPTION");
  expect(error.python).toMatchObject({ type: "ValueError", module: "builtins", message: "out of cheese" });
  expect(error.python?.traceback).toMatch(/tools\.py", line \d+, in fail/);
  expect(error.python?.traceback).not.toContain("snakepit_bridge");
  expect(error.stack).toContain("theCaller");
});

test("an invalid time-out is rejected", async () => {
  for (const timeoutMs of [-1, Number.NaN, "soon" as never]) {
    expect((await failure(() => pit.execute("echo", { value: 1 }, { timeoutMs }))).code).toBe("INVALID_ARGUMENT");
  }
});

test("an unknown option is rejected with the most similar one", async () => {
  const near = await failure(() => pit.execute("echo", { value: 1 }, { timeout: 5 } as never));
  expect(near.code).toBe("INVALID_ARGUMENT");
  expect(near.message).toBe("timeout is not an option of a call; did you mean timeoutMs?");
  const far = await failure(() => pit.execute("echo", { value: 1 }, { retries: 5 } as never));
  expect(far.message).toMatch(/^retries is not an option of a call; the options are timeoutMs, /);
  const none = await failure(() => pit.execute("echo", { value: 1 }, null as never));
  expect(none.message).toBe("the options of the call must be an object; got null; omit them");
});

test("an invalid grace period closes nothing", async () => {
  const ready = await failure(() => pit.ready({ timeoutMs: "soon" as never }));
  expect(ready.message).toBe(
    'timeoutMs must be a duration; got "soon"; write milliseconds, such as timeoutMs: 500, or a string such as timeoutMs: "30s"',
  );
  const close = await failure(() => pit.close({ graceMs: -1 }));
  expect([ready.code, close.code]).toEqual(["INVALID_ARGUMENT", "INVALID_ARGUMENT"]);
  await pit.ready({ timeoutMs: "2m" });
});

test("the same worker executes calls after all rejected ones", async () => {
  expect(await pit.execute("echo", { value: "ok" })).toBe("ok");
  expect(pit.stats()).toMatchObject({ busy: 0, queued: 0 });
});

test("a call after close() is rejected", async () => {
  const other = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, logger: false });
  await other.close();
  await other.close();
  expect((await failure(() => other.execute("echo", { value: 1 }))).code).toBe("SHUTTING_DOWN");
});
