import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FallbackCall, python, Snakepit } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = new URL("../testing/resilience_tools.py", import.meta.url);
const common = commonOptions();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-fallback-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Returns workers that fail each call with a code. */
function failingWith(code: SnakepitError["code"]) {
  return fakeWorkers(answering((call) => call.fail(new SnakepitError(code, `failed with ${code}`))));
}

test("a call whose worker dies resolves with the fallback of its pool, or of the call", async () => {
  await using pit = await Snakepit.start({
    ...common(),
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    fallback: { value: "of the pool" },
  });
  expect(await pit.execute("segfault")).toBe("of the pool");
  expect(await pit.execute("segfault", { address: 1 }, { fallback: { value: undefined } })).toBeUndefined();
  expect(await pit.map("segfault", [{ address: 2 }], { fallback: async () => "of the map" })).toEqual(["of the map"]);
  expect(await pit.execute("plain", { value: 3 })).toBe(3);
});

test("a fallback function receives the error and the call, and its error is the error of the call", async () => {
  await using pit = await Snakepit.start({ ...common(), worker: failingWith("WORKER_CRASHED"), size: 1 });
  const received: [SnakepitError, FallbackCall][] = [];
  const args = { a: 1 };
  const value = await pit.execute("add", args, {
    fallback: (error, call) => {
      received.push([error, call]);
      return "instead";
    },
  });
  expect(value).toBe("instead");
  expect(received[0]?.[0]).toMatchObject({ code: "WORKER_CRASHED", pool: "default" });
  expect(received[0]?.[1]).toEqual({ pool: "default", tool: "add", args, correlationId: received[0]?.[0].callId });
  expect(received[0]?.[1].args).toBe(args);
  const own = new Error("no fallback either");
  const throws = () => {
    throw own;
  };
  await expect(pit.execute("add", {}, { fallback: throws })).rejects.toBe(own);
});

test("a fallback replaces a call that is retried only after its last attempt", async () => {
  let made = 0;
  const worker = fakeWorkers(
    answering((call) => {
      made += 1;
      call.fail(new SnakepitError("WORKER_CRASHED", "no"));
    }),
  );
  const retry = { attempts: 4, initialMs: 0, maxMs: 0 };
  await using pit = await Snakepit.start({ ...common(), worker, size: 1, retry });
  const fallback = ({ details }: SnakepitError) => details["attempts"];
  expect(await pit.execute("add", {}, { idempotent: true, fallback })).toBe(4);
  expect(made).toBe(4);
});

test.each(["PYTHON_EXCEPTION", "INVALID_ARGUMENT", "SERIALIZATION", "CANCELLED"] as const)(
  "a call that fails with %s, which is not a failure of the pool, has no fallback",
  async (code) => {
    await using pit = await Snakepit.start({
      ...common(),
      worker: failingWith(code),
      size: 1,
      fallback: { value: "instead" },
    });
    expect((await failure(pit.execute("add"))).code).toBe(code);
  },
);

test("another pool executes a call that its pool did not execute, and one that may be executed twice", async () => {
  const pools = {
    default: { worker: python(TOOLS), size: 1, retry: { attempts: 1 }, fallback: { pool: "small" } },
    small: { worker: python(TOOLS), size: 1 },
  } as const;
  await using pit = await Snakepit.start({
    ...common(),
    pools: { default: { ...LONG_TIME_LIMITS, ...pools.default }, small: { ...LONG_TIME_LIMITS, ...pools.small } },
  });
  // Executed once, because a call that may have been executed is not repeated.
  const once = join(directory, "once");
  expect((await failure(pit.execute("crash_until", { journal: once, executions: 2 }))).code).toMatch(CRASH);
  expect(readFileSync(once, "utf8").split("\n")).toHaveLength(1 + 1);
  const twice = join(directory, "twice");
  expect(await pit.execute("crash_until", { journal: twice, executions: 2 }, { idempotent: true })).toBe(2);
  expect(pit.stats("small").requests).toBe(1);
  // The only worker is busy and the queue time-out is short: the call has not been executed.
  const [held, gate] = [join(directory, "held"), join(directory, "gate")];
  const abort = new AbortController();
  const busy = failure(pit.execute("hold", { journal: held, gate }, { signal: abort.signal }));
  await expect.poll(() => existsSync(held), { timeout: 60_000 }).toBe(true);
  expect(await pit.execute("plain", { value: 5 }, { queueTimeoutMs: 50 })).toBe(5);
  expect(pit.stats("small").requests).toBe(2);
  abort.abort();
  await busy;
});

const CRASH = /^(WORKER_CRASHED|OUT_OF_MEMORY)$/;

test("a failure in the fallback pool has the first one as its cause", async () => {
  await using pit = await Snakepit.start({
    ...common(),
    pools: {
      default: { worker: failingWith("QUEUE_TIMEOUT"), size: 1, fallback: { pool: "small" } },
      small: { worker: failingWith("PYTHON_EXCEPTION"), size: 1 },
    },
  });
  expect(await failure(pit.execute("add"))).toMatchObject({
    code: "PYTHON_EXCEPTION",
    pool: "small",
    message: "failed with PYTHON_EXCEPTION; it was the fallback of a call that failed with QUEUE_TIMEOUT",
    cause: { code: "QUEUE_TIMEOUT", pool: "default" },
  });
});

test("a poison call is not executed by another pool", async () => {
  const small = fakeWorkers();
  await using pit = await Snakepit.start({
    ...common(),
    pools: { default: { worker: failingWith("POISON_CALL"), size: 1 }, small: { worker: small, size: 1 } },
  });
  const options = { idempotent: true, fallback: { pool: "small" } } as const;
  expect((await failure(pit.execute("add", {}, options))).code).toBe("POISON_CALL");
  expect(pit.stats("small").requests).toBe(0);
  expect(await pit.execute("add", {}, { fallback: { value: 1 } })).toBe(1);
});

test.each([
  [
    { fallback: 5 },
    "INVALID_ARGUMENT",
    "fallback must be { value }, { pool } with the name of a pool, or a function; got 5",
  ],
  [{ fallback: { pol: "x" } }, "INVALID_ARGUMENT", "fallback must be { value }"],
  [{ fallback: { pool: "smal" } }, "UNKNOWN_POOL", 'unknown pool "smal"; did you mean "small"?'],
  [{ fallback: { pool: "default" } }, "INVALID_ARGUMENT", "fallback.pool must be another pool"],
])("the option %j of a call is rejected by name", async (options, code, message) => {
  await using pit = await Snakepit.start({
    ...common(),
    pools: { default: { worker: fakeWorkers(), size: 1 }, small: { worker: fakeWorkers(), size: 1 } },
  });
  for (const call of [
    () => pit.execute("add", {}, options as never),
    async () => await pit.map("add", [{}], options as never),
  ]) {
    const error = await failure(call());
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  }
  expect(() => pit.stream("count", {}, { fallback: { value: 1 } } as never)).toThrow(
    "fallback is not an option of stream(); catch the error of the loop instead",
  );
});

test.each([
  [
    { a: { fallback: { pool: "bb" } }, b: {} },
    'pools.a.fallback must name an existing pool; got "bb"; did you mean `b`?',
  ],
  [{ a: { fallback: { pool: "a" } } }, "pools.a.fallback must not lead back to its pool; got a → a"],
  [
    { a: { fallback: { pool: "b" } }, b: { fallback: { pool: "a" } } },
    "pools.a.fallback must not lead back to its pool; got a → b → a",
  ],
  [{ a: { fallback: null } }, "pools.a.fallback must be { value }, { pool }, or a function; got null"],
])("the configuration %j is rejected with its path and rule", async (pools, message) => {
  const named = Object.entries(pools).map(([name, pool]) => [name, { worker: fakeWorkers(), size: 1, ...pool }]);
  const error = await failure(Snakepit.start({ ...common(), pools: Object.fromEntries(named) } as never));
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toContain(message);
});
