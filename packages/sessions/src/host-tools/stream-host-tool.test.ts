import { setImmediate } from "node:timers/promises";
import type { EncodedValue } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeJson, hostToolCall, rejectionOf, streamAlone } from "../testing/host-tool-calls.ts";
import { currentCallScope } from "./call-scope.ts";
import { hostTool } from "./host-tool.ts";

const tool = { name: "tool", description: "" };

async function all(chunks: AsyncIterable<EncodedValue>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const chunk of chunks) values.push(decodeJson(chunk));
  return values;
}

/** Returns an infinite counter that records how it is closed. */
function counter(events: string[]) {
  return hostTool({
    ...tool,
    async *run() {
      events.push("begun");
      try {
        for (let count = 0; ; count++) yield count;
      } finally {
        events.push("closed");
      }
    },
  });
}

describe("a streaming host tool", () => {
  it.each([
    [
      "an async generator",
      {
        async *run() {
          yield 1;
          yield 2;
        },
      },
    ],
    [
      "a generator",
      {
        *run() {
          yield 1;
          yield 2;
        },
      },
    ],
    ["a function that returns an iterable", { streaming: true, run: () => [1, 2] }],
    ["an async function that returns a stream", { streaming: true, run: async () => ReadableStream.from([1, 2]) }],
  ])("may be %s", async (_, definition) => {
    expect(await all(streamAlone(hostTool({ ...tool, ...definition })))).toEqual([1, 2]);
  });

  it("receives checked arguments", async () => {
    const parameters = { properties: { n: { type: "integer" } }, required: ["n"] };
    const range = hostTool({
      ...tool,
      parameters,
      *run({ n }) {
        for (let i = 0; i < Number(n); i++) yield i;
      },
    });
    expect(await all(streamAlone(range, { n: 3 }))).toEqual([0, 1, 2]);
    const error = await rejectionOf(all(streamAlone(range, { n: "3" })));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { argument: "n" } });
  });

  it("starts with the first request, and does not run ahead of its consumer", async () => {
    const events: string[] = [];
    const chunks = streamAlone(counter(events));
    await setImmediate();
    expect(events).toEqual([]);
    expect(decodeJson((await chunks.next()).value!)).toBe(0);
    await setImmediate();
    expect(decodeJson((await chunks.next()).value!)).toBe(1);
    expect(events).toEqual(["begun"]);
    await chunks.return?.();
    expect(events).toEqual(["begun", "closed"]);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });

  it.each([
    ["is not found", "UNKNOWN_TOOL", hostTool({ ...tool, name: "other", *run() {} })],
    ["returns one value", "INVALID_ARGUMENT", hostTool({ ...tool, run: () => 1 })],
    [
      "returns a value that is not iterable",
      "HOST_TOOL_EXCEPTION",
      hostTool({ ...tool, streaming: true, run: () => "text" }),
    ],
  ])("fails with the first chunk when it %s", async (_, code, definition) => {
    const chunks = streamAlone(definition, {}, hostToolCall("tool"));
    expect((await rejectionOf(chunks.next())).code).toBe(code);
    expect((await chunks.next()).done).toBe(true);
  });

  it("yields the chunks before the error", async () => {
    const failing = hostTool({
      ...tool,
      *run() {
        yield 1;
        throw new RangeError("no more");
      },
    });
    const chunks = streamAlone(failing);
    expect(decodeJson((await chunks.next()).value!)).toBe(1);
    const error = await rejectionOf(chunks.next());
    expect(error).toMatchObject({
      code: "HOST_TOOL_EXCEPTION",
      message: 'host tool "tool" threw RangeError: no more',
      hostException: { name: "RangeError", message: "no more" },
    });
    expect((await chunks.next()).done).toBe(true);
  });

  it("is closed when it yields a value that cannot be sent, and the error has its path", async () => {
    let closed = false;
    const bad = hostTool({
      ...tool,
      *run() {
        try {
          yield 1;
          yield { when: new Date() };
        } finally {
          closed = true;
        }
      },
    });
    const chunks = streamAlone(bad);
    await chunks.next();
    const error = await rejectionOf(chunks.next());
    expect(error).toMatchObject({ code: "SERIALIZATION", message: 'host tool "tool": chunk[1].when is a date' });
    expect(closed).toBe(true);
  });

  it("is closed when its call is given up between two chunks", async () => {
    const events: string[] = [];
    const controller = new AbortController();
    const chunks = streamAlone(counter(events), {}, { signal: controller.signal });
    await chunks.next();
    controller.abort();
    await setImmediate();
    expect(events).toEqual(["begun", "closed"]);
    expect((await rejectionOf(chunks.next())).code).toBe("CANCELLED");
  });

  it("can be cancelled while it creates a chunk, and its signal aborts", async () => {
    const controller = new AbortController();
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
    const stuck = hostTool({
      ...tool,
      async *run(_, { signal }) {
        signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
        yield await new Promise(() => {});
      },
    });
    const next = rejectionOf(streamAlone(stuck, {}, { signal: controller.signal }).next());
    await setImmediate();
    controller.abort();
    expect((await next).code).toBe("CANCELLED");
    expect(await aborted).toBe(await next);
  });

  it("is closed when its consumer leaves while it creates a chunk", async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const stuck = hostTool({
      ...tool,
      async *run(_, { signal }) {
        signal.addEventListener("abort", () => resolve(), { once: true });
        yield await new Promise(() => {});
      },
    });
    const chunks = streamAlone(stuck);
    const next = rejectionOf(chunks.next());
    await setImmediate();
    expect(await chunks.return?.()).toEqual({ done: true, value: undefined });
    expect((await next).code).toBe("CANCELLED");
    await aborted;
  });

  it("may fail while it is closed, without a report", async () => {
    const bad = hostTool({
      ...tool,
      *run() {
        try {
          yield 1;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: the error is under test.
          throw new Error("while closing");
        }
      },
    });
    const chunks = streamAlone(bad);
    await chunks.next();
    expect(await chunks.return?.()).toEqual({ done: true, value: undefined });
    await setImmediate();
  });

  it("makes nested calls for each chunk, and cleans up outside of its call", async () => {
    const scopes: unknown[] = [];
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const curious = hostTool({
      ...tool,
      async *run() {
        try {
          for (;;) {
            await setImmediate();
            scopes.push(currentCallScope()?.sessionId);
            yield 0;
          }
        } finally {
          await setImmediate();
          scopes.push(currentCallScope());
          resolve();
        }
      },
    });
    const chunks = streamAlone(curious, {}, { sessionId: "s-1" });
    await chunks.next();
    await chunks.next();
    await chunks.return?.();
    await closed;
    expect(scopes).toEqual(["s-1", "s-1", undefined]);
  });

  it("does not close an iterator that has failed", async () => {
    let returned = false;
    const iterator = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => Promise.reject(new Error("broken")),
      return: async () => {
        returned = true;
        return { done: true, value: undefined };
      },
    };
    const error = await rejectionOf(streamAlone(hostTool({ ...tool, streaming: true, run: () => iterator })).next());
    expect(error.message).toContain("broken");
    expect(returned).toBe(false);
  });
});
