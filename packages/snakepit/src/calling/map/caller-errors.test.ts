import { SnakepitError } from "@snakepit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit } from "../../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../../testing/host-under-test.ts";

const TOOLS = new URL("../../testing/tools.py", import.meta.url);
const common = commonOptions();
const boom = new RangeError("boom");
const throwing = (): never => {
  throw boom;
};

// One host for all tests: an error of the caller leaves it as it was.
let pit: Snakepit;
beforeAll(async () => {
  pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2 });
});
afterAll(() => pit.close());

describe("errors of the caller's functions in map()", () => {
  test.each([
    ["a generator that throws", yielding, "items[1]: reading the item failed: boom"],
    ["an async generator that throws", yieldingLater, "items[1]: reading the item failed: boom"],
    [
      "an iterator whose next() throws",
      () => ({ [Symbol.iterator]: () => ({ next: throwing }) }),
      "items[0]: reading the item failed: boom",
    ],
    [
      "a promise among the items that rejects",
      () => [{ value: 0 }, Promise.reject(boom)],
      "items[1]: reading the item failed: boom",
    ],
    ["an iterable that throws", () => ({ [Symbol.iterator]: throwing }), "reading the items of map() failed: boom"],
    [
      "an iterable whose property throws",
      () => Object.defineProperty({}, Symbol.asyncIterator, { get: throwing }),
      "reading the items of map() failed: boom",
    ],
  ])("%s is the cause of an INVALID_ARGUMENT error that names the item (H6)", async (_, items, message) => {
    const error = await failure(pit.map("echo", items() as Iterable<unknown>));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message, cause: boom });
    const read = await pit
      .map("echo", items() as Iterable<unknown>)
      .next()
      .catch((thrown: unknown) => thrown);
    if (read instanceof SnakepitError) expect(read.cause).toBe(boom);
    else expect(read).toEqual({ done: false, value: 0 });
  });

  test.each([[5], [undefined], [{}]])(
    "an iterable that returns %o instead of an iterator is rejected as items",
    async (iterator) => {
      const items = { [Symbol.iterator]: () => iterator } as unknown as Iterable<unknown>;
      expect((await failure(pit.map("echo", items))).message).toContain("the items of map() must be an array or");
    },
  );

  test("an error of toArgs fails its item, and settled() continues after it", async () => {
    const toArgs = (line: string) => JSON.parse(line) as object;
    const error = await failure(pit.map("echo", ["{"], { toArgs }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { index: 0 } });
    expect(error.message).toMatch(/^items\[0\]: toArgs failed: /);
    expect(error.cause).toBeInstanceOf(SyntaxError);
    for (const make of [toArgs, async (line: string) => toArgs(line)]) {
      const lines = ['{"value": 1}', "}", '{"value": 2}'];
      expect(await pit.map("echo", lines, { toArgs: make }).settled()).toMatchObject([
        { status: "fulfilled", value: 1 },
        { status: "rejected", reason: { code: "INVALID_ARGUMENT", details: { index: 1 } } },
        { status: "fulfilled", value: 2 },
      ]);
    }
  });

  test("a result of toArgs that is not an object is rejected with a form that works", async () => {
    for (const toArgs of [(value: number) => [value], async (value: number) => value]) {
      const error = await failure(pit.map("echo", [1], { toArgs: toArgs as never }));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { index: 0 } });
      expect(error.message).toMatch(/^items\[0\]: toArgs must return an object of arguments; got (an array|1); /);
      expect(error.message).toContain("write for example toArgs: (value) => ({ value })");
    }
  });

  test("an error of another call in toArgs keeps its code", async () => {
    const toArgs = async () => ({ value: await pit.execute("no_such_tool") });
    expect(await failure(pit.map("echo", [1], { toArgs }))).toMatchObject({
      code: "UNKNOWN_TOOL",
      details: { index: 0 },
    });
  });

  test.each([
    ["that throws", throwing],
    ["that rejects", async () => throwing()],
  ])("an onProgress %s ends the map()", async (_, onProgress) => {
    const items = [{ value: 1 }, { value: 2 }, { value: 3 }];
    const expected = { code: "INVALID_ARGUMENT", message: 'onProgress of map("echo") failed: boom', cause: boom };
    expect(await failure(pit.map("echo", items, { onProgress }))).toMatchObject(expected);
    expect(await failure(pit.map("echo", items, { onProgress }).settled().next())).toMatchObject(expected);
  });

  test("results wait for an async onProgress", async () => {
    const seen: number[] = [];
    const onProgress = async ({ done }: { readonly done: number }) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(done);
    };
    const items = Array.from({ length: 20 }, (_, value) => ({ value }));
    expect(await pit.map("echo", items, { onProgress })).toHaveLength(20);
    expect(seen).toHaveLength(20);
  });

  test("an error while the generator is closed is wrapped when the loop is left", async () => {
    function* items() {
      try {
        yield { value: 1 };
        yield { value: 2 };
      } finally {
        throwing();
      }
    }
    const results = pit.map("echo", items(), { concurrency: 1 });
    await results.next();
    // While the next item is being read, return() does not wait for the end of the source.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await failure(results.return())).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'closing the items of map("echo") failed: boom',
      cause: boom,
    });
  });
});

test("an object that a generator reuses is sent with its content at the time of the yield", async () => {
  function* items() {
    const item = { value: 0 };
    for (; item.value < 50; item.value++) yield item;
  }
  expect(await pit.map("echo", items(), { concurrency: 8 })).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test.each([
  [{ onprogress: throwing }, "onprogress is not an option of map(); did you mean onProgress?"],
  [{ idleTimeoutMs: 5 }, "idleTimeoutMs is not an option of map()"],
  [AbortSignal.abort(), "the options of map() must be an object; got an object of class AbortSignal; write { signal }"],
  [4, "the options of map() must be an object; got 4; write { concurrency: 4 }"],
  [null, "the options of map() must be an object; got null"],
  [
    throwing,
    "the options of map() must be an object; got a function; if it returns the arguments of an item, write { toArgs: … }",
  ],
])("%o as options of map() is rejected by name", async (options, message) => {
  const error = await failure(pit.map("echo", [{ value: 1 }], options as never));
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(error.message).toContain(message);
});

function* yielding() {
  yield { value: 0 };
  throwing();
}

async function* yieldingLater() {
  yield { value: 0 };
  throwing();
}
