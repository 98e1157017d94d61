import { fileURLToPath } from "node:url";
import { decodeValue } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { describe, expect, test } from "vitest";
import { hostTool, python, Snakepit, type SnakepitConfig } from "../../index.ts";
import { answering, commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../../testing/host-under-test.ts";

const TOOLS = new URL("../../testing/tools.py", import.meta.url);
const common = commonOptions();

/** A host whose workers hold their calls until the test settles them. */
async function holding(options: Partial<SnakepitConfig> = {}) {
  const held: FakeCall[] = [];
  const worker = fakeWorkers(answering((call) => held.push(call)));
  const pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker, size: 2, ...options } as SnakepitConfig);
  await pit.ready();
  return { pit, held };
}

/** A host whose workers return the argument `n`. */
async function echoing(options: Partial<SnakepitConfig> = {}) {
  const worker = fakeWorkers(answering((call) => call.value(argument(call))));
  return await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker, size: 2, ...options } as SnakepitConfig);
}

function argument(call: FakeCall): number {
  return (decodeValue(call.call.args.body, call.call.args.buffers) as { n: number }).n;
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const raised = () => new SnakepitError("PYTHON_EXCEPTION", "ValueError: no");

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe("map() with real workers", () => {
  test("2,000 items on a pool of four yield 2,000 results in order (H6)", async () => {
    await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 4 });
    const items = Array.from({ length: 2_000 }, (_, value) => ({ value }));
    expect(await pit.map<number>("echo", items)).toEqual(items.map(({ value }) => value));
    expect(pit.stats()).toMatchObject({ saturated: 0, errors: 0, queued: 0, active: 0 });
  });

  test("the error of 2,000 concurrent calls suggests a map() that works as written (H6)", async () => {
    await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2 });
    const items = Array.from({ length: 2_000 }, (_, value) => ({ value }));
    const outcomes = await Promise.allSettled(items.map((item) => pit.execute("echo", item)));
    const rejected = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as SnakepitError] : [],
    );
    expect(rejected[0]).toMatchObject({ code: "POOL_SATURATED" });
    expect(rejected[0]?.message).toContain('pit.map("echo", items), which waits for room');
    expect(await pit.map("echo", items)).toHaveLength(2_000);
  });

  test("a Python exception ends map() with the index and the traceback, and settled() continues after it", async () => {
    await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 });
    const error = await failure(pit.map("fail", [{ message: "first" }, { message: "second" }]));
    expect(error).toMatchObject({ code: "PYTHON_EXCEPTION", details: { index: 0 }, python: { type: "ValueError" } });
    expect(error.message).toMatch(/^items\[0\]: .*first/);
    expect(error.stack).toContain("map.test.ts");
    const outcomes = await pit.map("sleep", [{ seconds: 0 }, { seconds: "long" }, { seconds: 0 }]).settled();
    expect(outcomes).toMatchObject([
      { index: 0, status: "fulfilled", value: "slept" },
      { index: 1, status: "rejected", reason: { code: "INVALID_ARGUMENT", details: { index: 1 } } },
      { index: 2, status: "fulfilled", value: "slept" },
    ]);
  });

  test("the time limit of each call starts when a worker receives it", async () => {
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(TOOLS),
      size: 1,
      queueTimeoutMs: 1,
    });
    const items = Array.from({ length: 10 }, () => ({ seconds: 0.5 }));
    expect(await pit.map("sleep", items, { concurrency: 10, timeoutMs: "4500ms" })).toHaveLength(10);
    const error = await failure(pit.map("sleep", [{ seconds: 60 }], { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { index: 0 } });
  });

  test("every call of session.map() belongs to the session, also with a strict affinity", async () => {
    await using pit = await Snakepit.start({
      ...common(),
      ...LONG_TIME_LIMITS,
      worker: python(TOOLS),
      size: 3,
      affinity: "strict-fail",
    });
    const session = await pit.session("s-1");
    const pids = await session.map<number>(
      "pid",
      Array.from({ length: 20 }, () => ({})),
    );
    expect(new Set(pids).size).toBe(1);
  });
});

test("a map() in a host tool finds a free worker, or fails with a deadlock error", async () => {
  const worker = python(`${fileURLToPath(new URL("../../testing/session_tools.py", import.meta.url))}:SessionTools`);
  for (const [size, expected] of [
    [2, 3],
    [1, "POOL_SATURATED"],
  ] as const) {
    await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker, size });
    const run = async () => (await pit.map("session_events", [{}, {}, {}], { concurrency: 3 })).length;
    pit.hostTools.register([hostTool({ name: "many", description: "", exposedToPython: true, run })]);
    const session = await pit.session();
    const outcome = await session.execute("ask", { name: "many", args: {} }).catch((error: SnakepitError) => error);
    expect(outcome instanceof SnakepitError ? outcome.details["code"] : outcome).toBe(expected);
  }
});

describe("the results of map()", () => {
  test("have the order of the items, or the order of completion", async () => {
    const { pit, held } = await holding();
    await using _ = pit;
    const ordered = pit.map<string>("add", numbered(2)).then((values) => values);
    await eventually(() => held.length === 2);
    held[1]?.value("second");
    held[0]?.value("first");
    expect(await ordered).toEqual(["first", "second"]);
    const unordered = pit.map("add", numbered(2), { ordered: false });
    const first = unordered.next();
    await eventually(() => held.length === 4);
    held[3]?.value("second");
    expect(await first).toEqual({ done: false, value: "second" });
    const second = unordered.next();
    held[2]?.value("first");
    expect(await second).toEqual({ done: false, value: "first" });
    expect(await unordered.next()).toEqual({ done: true, value: undefined });
  });

  test("are rejected on a second use", async () => {
    await using pit = await echoing();
    const results = pit.map("add", numbered(3));
    expect(await results).toEqual([0, 1, 2]);
    expect(await results).toEqual([0, 1, 2]);
    expect((await failure(results.next())).message).toContain("call map() again");
    const read = pit.map("add", numbered(3));
    await read.next();
    expect((await failure(Promise.resolve(read))).code).toBe("INVALID_ARGUMENT");
    expect(() => read.settled()).toThrow("call map() again");
  });
});

describe("the arguments of map()", () => {
  test.each([
    ["a set", new Set(numbered(3))],
    ["a generator", numbered(3).values()],
    ["promises", numbered(3).map((item) => Promise.resolve(item))],
    [
      "an async generator",
      (async function* () {
        yield* numbered(3);
      })(),
    ],
  ])("%s is accepted as items", async (_, items) => {
    await using pit = await echoing();
    expect(await pit.map("add", items as Iterable<unknown>)).toEqual([0, 1, 2]);
  });

  test("no items result in an empty array", async () => {
    await using pit = await echoing();
    expect(await pit.map("add", [])).toEqual([]);
    for await (const value of pit.map("add", [])) expect.unreachable(String(value));
  });

  test("toArgs returns the arguments of an item, and may be async", async () => {
    await using pit = await echoing();
    expect(await pit.map<number, number>("add", [5, 6], { toArgs: (n) => ({ n }) })).toEqual([5, 6]);
    expect(await pit.map<number>("add", [5, 6], { toArgs: async (n: number, index) => ({ n: n + index }) })).toEqual([
      5, 7,
    ]);
  });

  test("an item that is not an object of arguments is rejected with a remedy that works as written", async () => {
    await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 });
    const items = ["a", "b"];
    const error = await failure(pit.map("echo", items));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { index: 0 } });
    expect(error.message).toContain('map("echo", items, { toArgs: (value) => ({ value }) })');
    expect(await pit.map("echo", items, { toArgs: (value) => ({ value }) })).toEqual(items);
  });

  test.each([
    [{ concurrency: 0 }, "concurrency must be a positive integer; got 0"],
    [{ concurrency: 1.5 }, "concurrency must be a positive integer; got 1.5"],
    [{ concurrency: Number.POSITIVE_INFINITY }, "concurrency must be a positive integer; got Infinity"],
    [{ ordered: "no" }, 'ordered must be true or false; got "no"'],
    [{ onProgress: 3 }, "onProgress must be a function; got 3"],
    [{ toArgs: {} }, "toArgs must be a function; got an object"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ concurency: 4 }, "concurency"],
    [{ signal: {} }, "signal"],
  ])("the options %o are rejected before the first call", async (options, message) => {
    await using pit = await echoing();
    const error = await failure(pit.map("add", numbered(1), options as never));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error.details["index"]).toBeUndefined();
    expect(error.message).toContain(message);
    expect(pit.stats().requests).toBe(0);
  });

  test.each([[5], ["abc"], [undefined], [{ length: 2 }], [Promise.resolve([])]])(
    "%o is rejected as items",
    async (items) => {
      await using pit = await echoing();
      expect((await failure(pit.map("add", items as never))).message).toContain("the items of map() must be");
    },
  );

  test("items in place of the tool and the id of another session are rejected", async () => {
    await using pit = await echoing();
    expect((await failure(pit.map(numbered(2) as never, "add" as never))).message).toBe(
      'the name of a tool must be a string; got an array; write map("add", [{ … }, { … }])',
    );
    const session = await pit.session("s-1");
    const options = { sessionId: "s-2" } as object;
    expect((await failure(session.map("add", numbered(1), options))).code).toBe("INVALID_ARGUMENT");
  });

  test("an unknown pool and an unknown tool are named", async () => {
    await using pit = await echoing();
    expect((await failure(pit.map("add", numbered(1), { pool: "ml" }))).code).toBe("UNKNOWN_POOL");
    expect((await failure(pit.map("ad", numbered(1)))).code).toBe("UNKNOWN_TOOL");
  });
});

describe("the back-pressure of map()", () => {
  test("items are read only while calls may start and results may be held", async () => {
    await using pit = await echoing({ size: 2 });
    let taken = 0;
    function* endless() {
      for (;;) yield { n: taken++ };
    }
    const results = pit.map("add", endless(), { concurrency: 3 });
    for (let n = 0; n < 5; n++) {
      expect(await results.next()).toEqual({ done: false, value: n });
      for (let idle = 0; idle < 20; idle++) await turn();
      expect(taken).toBeLessThanOrEqual(n + 1 + 3);
    }
    await results.return();
  });

  test("leaving the loop cancels the calls and closes the source", async () => {
    const { pit, held } = await holding();
    await using _ = pit;
    let ended = false;
    function* items() {
      try {
        for (;;) yield { n: 0 };
      } finally {
        ended = true;
      }
    }
    const running = (async () => {
      for await (const value of pit.map("add", items())) return value;
      return undefined;
    })();
    await eventually(() => held.length === 2);
    held[0]?.value("one");
    expect(await running).toBe("one");
    expect(ended).toBe(true);
    await eventually(() => pit.stats().active === 0);
  });

  test("an error of the source ends map() and is the cause of its error", async () => {
    await using pit = await echoing();
    const broken = new Error("no more rows");
    async function* items() {
      yield { n: 1 };
      throw broken;
    }
    expect(await failure(pit.map("add", items()))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "items[1]: reading the item failed: no more rows",
      cause: broken,
      details: { index: 1 },
    });
  });

  test("other callers can use the queue, which never holds more calls than queueLimit", async () => {
    const { pit, held } = await holding({ size: 2, queueLimit: 3 });
    await using _ = pit;
    const all = pit.map("add", numbered(50), { concurrency: 50 }).then((values) => values.length);
    await eventually(() => pit.stats().queued === 2);
    expect(pit.stats()).toMatchObject({ queued: 2, active: 2 });
    const other = pit.execute("add", { n: -1 });
    await turn();
    expect(pit.stats().queued).toBe(3);
    expect((await failure(pit.execute("add", { n: -2 }))).code).toBe("POOL_SATURATED");
    for (let done = 0; done < 51; done++) {
      await eventually(() => held.length > done);
      held[done]?.value(done);
    }
    expect(await all).toBe(50);
    expect(await other).toBe(4);
    expect(pit.stats()).toMatchObject({ saturated: 1, queued: 0, active: 0 });
  });

  test.each([0, 1])("map() succeeds with a queueLimit of %i while other callers fill the queue", async (queueLimit) => {
    await using pit = await echoing({ size: 1, queueLimit });
    const other = Array.from({ length: 20 }, () =>
      pit.execute("add", { n: 0 }).catch((error: SnakepitError) => error.code),
    );
    expect(await pit.map("add", numbered(200), { concurrency: 20 })).toHaveLength(200);
    await Promise.all(other);
  });

  test("onProgress is called after each call, with the number of items if it is known", async () => {
    await using pit = await echoing();
    const seen: unknown[] = [];
    await pit.map("add", numbered(3), { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3].map((done) => ({ done, failed: 0, total: 3 })));
    await pit.map("add", numbered(1).values(), { onProgress: (progress) => seen.push(progress) });
    expect(seen[3]).toEqual({ done: 1, failed: 0, total: undefined });
    const growing = numbered(2);
    await pit.map("add", growing, {
      concurrency: 1,
      onProgress: (progress) => {
        if (growing.length < 3) growing.push({ n: 2 });
        seen.push(progress);
      },
    });
    expect(seen.slice(4)).toMatchObject([{ total: 2 }, { total: 3 }, { total: 3 }]);
  });
});

describe("the early end of map()", () => {
  test("the first failure cancels the other calls, and no further items are read", async () => {
    const { pit, held } = await holding();
    await using _ = pit;
    const failed = failure(pit.map("add", numbered(100)));
    await eventually(() => held.length === 2);
    held[1]?.fail(raised());
    expect(await failed).toMatchObject({ code: "PYTHON_EXCEPTION", details: { index: 1 } });
    await eventually(() => pit.stats().active === 0);
    expect(held).toHaveLength(2);
  });

  test("its signal ends it with CANCELLED, also while it waits for a worker or for an item", async () => {
    const { pit, held } = await holding();
    await using _ = pit;
    const abort = new AbortController();
    const waiting = failure(pit.map("add", numbered(100), { concurrency: 100, signal: abort.signal }));
    const nothing = (async function* () {
      await new Promise(() => {});
      yield { n: 0 };
    })();
    const noItem = failure(pit.map("add", nothing, { signal: abort.signal }));
    await eventually(() => held.length === 2);
    abort.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    expect(await noItem).toMatchObject({ code: "CANCELLED" });
    await eventually(() => pit.stats().active === 0);
    expect(pit.stats().queued).toBe(0);
    const late = failure(pit.map("add", numbered(1), { signal: abort.signal }));
    expect((await late).code).toBe("CANCELLED");
  });

  test("closing the host ends it, including queued calls", async () => {
    const { pit, held } = await holding();
    const failed = failure(pit.map("add", numbered(100), { concurrency: 100 }));
    await eventually(() => held.length === 2);
    await pit.close({ graceMs: 0 });
    expect((await failed).code).toBe("SHUTTING_DOWN");
  });
});
