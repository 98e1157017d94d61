import { getEventListeners } from "node:events";
import { deadlineIn, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";
import type { PoolStream } from "./worker-pool.ts";

const broken = new SnakepitError("PYTHON_EXCEPTION", "ValueError: no more");

/** Resolves with the chunks that a consumer receives, then the code of the error, if any. */
async function seenIn(stream: PoolStream): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const chunk of stream) seen.push(chunk);
  } catch (error) {
    seen.push((error as SnakepitError).code);
  }
  return seen;
}

test("chunks come in order, then the end", async () => {
  const launcher = new FakeLauncher({
    run: (call) => {
      for (const n of [1, 2, 3]) call.chunk(n);
      call.end();
    },
  });
  await using pool = await readyPool(launcher);
  expect(await seenIn(pool.stream(request("count")))).toEqual([1, 2, 3]);
  expect(pool.stats()).toMatchObject({ busy: 0, errors: 0, requests: 1 });
});

test("a chunk is delivered when it arrives, not when the next one does", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const stream = pool.stream(request("count"));
  const first = stream.next();
  launcher.workers[0]!.calls[0]!.chunk("first");
  expect(await first).toEqual({ done: false, value: "first" });
  await stream.return();
});

test("a failure after n chunks delivers n chunks and then throws once", async () => {
  const launcher = new FakeLauncher({
    run: (call) => {
      for (const n of [1, 2]) call.chunk(n);
      call.fail(broken);
    },
  });
  await using pool = await readyPool(launcher);
  const stream = pool.stream(request("count"));
  expect(await seenIn(stream)).toEqual([1, 2, "PYTHON_EXCEPTION"]);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(pool.stats()).toMatchObject({ errors: 1, busy: 0 });
});

test("empty chunks are delivered", async () => {
  const launcher = new FakeLauncher({
    run: (call) => {
      for (const chunk of [undefined, null, 0]) call.chunk(chunk);
      call.end();
    },
  });
  await using pool = await readyPool(launcher);
  expect(await seenIn(pool.stream(request("count")))).toEqual([undefined, null, 0]);
});

test("the stack of a failure shows the code that reads the stream", async () => {
  const launcher = new FakeLauncher({ run: (call) => setImmediate(() => call.fail(broken)) });
  await using pool = await readyPool(launcher);
  async function functionOfTheUser() {
    for await (const _ of pool.stream(request("count"))) continue;
  }
  expect((await failureOf(functionOfTheUser())).stack).toContain("functionOfTheUser");
});

test("an unread stream is never executed", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  await using stream = pool.stream(request("count"));
  await turn();
  expect(launcher.workers[0]!.received).toEqual([]);
  expect(await stream.return("early")).toEqual({ done: true, value: "early" });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(pool.stats().requests).toBe(0);
});

test("concurrent readers are served in order, also at the end", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const stream = pool.stream(request("count"));
  const asked = [stream.next(), stream.next(), stream.next(), stream.next()];
  const [call] = launcher.workers[0]!.calls;
  call!.chunk("a");
  call!.chunk("b");
  call!.fail(broken);
  const [a, b, failed, after] = await Promise.allSettled(asked);
  expect([a, b]).toMatchObject([{ value: { value: "a" } }, { value: { value: "b" } }]);
  expect(failed).toMatchObject({ reason: { code: "PYTHON_EXCEPTION" } });
  expect(after).toMatchObject({ value: { done: true } });
});

test("a rejection is delivered with the first requested chunk", async () => {
  await using pool = await readyPool(new FakeLauncher());
  expect(await seenIn(pool.stream(request("counts")))).toEqual(["UNKNOWN_TOOL"]);
  const error = await failureOf(pool.stream(request("echo")).next());
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toContain("call it with execute()");
});

describe("leaving", () => {
  test("a loop cancels the call and frees the worker", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.chunk(1) });
    await using pool = await readyPool(launcher, { size: 1 });
    for await (const _ of pool.stream(request("count"))) break;
    expect(launcher.workers[0]!.received[0]!.cancelled).toBe("cancelled");
    await turn();
    expect(pool.stats()).toMatchObject({ busy: 0, available: 1, errors: 0 });
  });

  test("by throw() cancels too, and rejects with the error", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count"));
    const waiting = stream.next();
    await expect(stream.throw(new RangeError("mine"))).rejects.toThrow("mine");
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(launcher.workers[0]!.received[0]!.cancelled).toBe("cancelled");
  });

  test("by disposal cancels, and in the queue it is never executed", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const blocker = pool.execute(request());
    {
      await using stream = pool.stream(request("count"));
      void stream.next();
      expect(pool.stats().queued).toBe(1);
    }
    expect(pool.stats().queued).toBe(0);
    launcher.workers[0]!.calls[0]!.value(1);
    await blocker;
    expect(launcher.workers[0]!.received).toHaveLength(1);
  });

  test("drops late chunks", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count"));
    void stream.next();
    await stream.return();
    const [call] = launcher.workers[0]!.calls;
    call!.chunk("late");
    call!.end();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(pool.stats().busy).toBe(0);
  });
});

describe("an abort", () => {
  test("between chunks takes effect at once, before the chunks that wait", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    const stream = pool.stream(request("count", { signal: controller.signal }));
    const first = stream.next();
    const [call] = launcher.workers[0]!.calls;
    call!.chunk(1);
    call!.chunk(2);
    await first;
    controller.abort("enough");
    expect(await failureOf(stream.next())).toMatchObject({ code: "CANCELLED", cause: "enough" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("after the worker has finished still ends the reading", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    const stream = pool.stream(request("count", { signal: controller.signal }));
    const first = stream.next();
    const [call] = launcher.workers[0]!.calls;
    for (const n of [1, 2, 3]) call!.chunk(n);
    call!.end();
    await first;
    controller.abort();
    expect((await failureOf(stream.next())).code).toBe("CANCELLED");
  });
});

describe("time", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("the deadline covers the whole stream", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count", { deadline: deadlineIn(1_000) }));
    const first = stream.next();
    launcher.workers[0]!.calls[0]!.chunk(1);
    await first;
    const second = failureOf(stream.next());
    vi.advanceTimersByTime(1_001);
    expect((await second).code).toBe("DEADLINE_EXCEEDED");
    expect(launcher.workers[0]!.received[0]!.cancelled).toBe("deadline");
  });

  test("idleTimeoutMs is the longest wait for one chunk", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count", { idleTimeoutMs: 500 }));
    for (let n = 0; n < 4; n++) {
      const next = stream.next();
      vi.advanceTimersByTime(400);
      launcher.workers[0]!.calls[0]!.chunk(n);
      await next;
    }
    const late = failureOf(stream.next());
    vi.advanceTimersByTime(499);
    expect(launcher.workers[0]!.received[0]!.cancelled).toBeUndefined();
    vi.advanceTimersByTime(2);
    const error = await late;
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { idleTimeoutMs: 500 } });
    expect(error.message).toContain("no chunk for 500 ms");
  });

  test("the idle clock starts with the dispatch, also after a long wait in the queue", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const blocker = pool.execute(request());
    const first = failureOf(pool.stream(request("count", { idleTimeoutMs: 100 })).next());
    vi.advanceTimersByTime(2_000);
    launcher.workers[0]!.calls[0]!.value(1);
    await blocker;
    vi.advanceTimersByTime(99);
    expect(launcher.workers[0]!.received[0]!.cancelled).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect((await first).code).toBe("DEADLINE_EXCEEDED");
  });

  test("the idle time does not run while the worker has no credit", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count", { idleTimeoutMs: 100 }));
    const first = stream.next();
    const [call] = launcher.workers[0]!.calls;
    while (call!.credit > 0) call!.chunk("x".repeat(10), 10_000_000);
    await first;
    vi.advanceTimersByTime(10_000);
    expect(call!.cancelled).toBeUndefined();
    while (call!.credit === 0) await stream.next();
    vi.advanceTimersByTime(50);
    expect(call!.cancelled).toBeUndefined();
    vi.advanceTimersByTime(201);
    expect(call!.cancelled).toBe("deadline");
  });
});

describe("credit", () => {
  test("buffered chunks are bounded with a fast producer and a stopped reader", async () => {
    const produce = (call: { credit: number; chunk(value: unknown, bytes: number): void }) => {
      while (call.credit > 0) call.chunk("chunk", 64);
    };
    const launcher = new FakeLauncher({ run: produce, granted: produce });
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count"));
    await stream.next();
    const [call] = launcher.workers[0]!.calls;
    await turn();
    expect(call!.credit).toBe(0);
    const granted = () => call!.call.credit + call!.grants.reduce((sum, grant) => sum + grant, 0);
    expect(granted()).toBe(8);
    for (let read = 0; read < 2_000; read++) {
      await stream.next();
      expect(granted() - (read + 2)).toBeLessThanOrEqual(1_024);
    }
    expect(granted() - 2_001).toBeGreaterThan(128);
    await stream.return();
  });

  test("few large chunks are in flight", async () => {
    const produce = (call: { credit: number; chunk(value: unknown, bytes: number): void }) => {
      while (call.credit > 0) call.chunk("chunk", 10_000_000);
    };
    const launcher = new FakeLauncher({ run: produce, granted: produce });
    await using pool = await readyPool(launcher, { size: 1 });
    const stream = pool.stream(request("count"));
    for (let read = 0; read < 20; read++) await stream.next();
    const [call] = launcher.workers[0]!.calls;
    const granted = call!.call.credit + call!.grants.reduce((sum, grant) => sum + grant, 0);
    expect(granted - 20).toBe(2);
    await stream.return();
  });
});
