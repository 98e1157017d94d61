import type { CallLineage } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import type { QueuedCall } from "./pool-occupancy.ts";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, startedPool, turn } from "./testing/pool-under-test.ts";
import { tracker } from "./testing/tracked-call.ts";

const outer: CallLineage = { correlationId: "outer", pool: "test", tool: "plan", parent: undefined };
const middle: CallLineage = { correlationId: "middle", pool: "other", tool: "ask", parent: outer };

test("the worker receives the lineage of its call", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(call.call.parent) });
  await using pool = await readyPool(launcher);
  expect(await pool.execute(request("echo", { parent: middle }))).toBe(middle);
  expect(await pool.execute(request())).toBeUndefined();
});

describe("the occupancy", () => {
  test("lists running and queued calls with their lineage", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2 });
    const call = tracker(pool, launcher);
    const running = call({ parent: outer });
    const workerId = running.worker!.workerId;
    expect(pool.occupancy()).toEqual({
      full: false,
      running: [{ correlationId: running.id, workerId }],
      queued: [],
      limits: [],
    });
    const calls = [running, call({ sessionId: "a" }), call({ parent: middle }), call()];
    const bound = call({ sessionId: "a", affinity: "strict-queue", parent: outer });
    const { full, running: held, queued } = pool.occupancy();
    expect(full).toBe(true);
    expect(new Set(held.map(({ correlationId }) => correlationId))).toEqual(new Set([running.id, calls[1]!.id]));
    expect(queued).toEqual([
      { correlationId: calls[2]!.id, parent: middle, waitsFor: undefined },
      { correlationId: calls[3]!.id, parent: undefined, waitsFor: undefined },
      { correlationId: bound.id, parent: outer, waitsFor: calls[1]!.worker!.workerId },
    ]);
    for (const each of [...calls, bound]) await each.finish();
  });

  test("has the wait of the oldest queued call, in any queue, without the calls of batches", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, queueTimeoutMs: 600_000 });
    expect(pool.queueDelayMs()).toBe(0);
    const call = tracker(pool, launcher);
    const running = call({ sessionId: "a" });
    const batch = call({ batch: { executionMs: 60_000 } });
    await expect.poll(() => pool.stats().queued).toBe(1);
    expect(pool.queueDelayMs()).toBe(0);
    const bound = call({ sessionId: "a", affinity: "strict-queue" });
    await expect.poll(() => pool.queueDelayMs()).toBeGreaterThan(20);
    const later = call();
    expect(pool.queueDelayMs()).toBeGreaterThan(20);
    for (const each of [running, batch, bound, later]) await each.finish();
    expect(pool.queueDelayMs()).toBe(0);
  });

  test("includes a cancelled call until the worker answers it", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    const made = request("echo", { signal: controller.signal });
    const call = failureOf(pool.execute(made));
    controller.abort();
    await call;
    expect(pool.occupancy()).toMatchObject({ full: true, running: [{ correlationId: made.correlationId }] });
  });

  test("is not full while a worker is starting", async () => {
    const launcher = new FakeLauncher({}, () => {});
    await using pool = startedPool(launcher, { size: 2 });
    expect(pool.occupancy().full).toBe(false);
    launcher.pending[0]!.succeed();
    await turn();
    const call = tracker(pool, launcher);
    const calls = [call(), call()];
    expect(pool.occupancy().full).toBe(false);
    launcher.pending[0]!.succeed();
    await turn();
    expect(pool.occupancy().full).toBe(true);
    calls[0]!.worker!.crash();
    await turn();
    expect(pool.occupancy().full).toBe(false);
    launcher.pending[0]!.succeed();
    await calls[1]!.finish();
  });

  test("excludes the calls of a worker that accepts no further calls", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const leaving = call();
    launcher.plan = () => {};
    const recycled = pool.recycle(leaving.worker!.workerId);
    await turn();
    // The replacement may take queued calls.
    expect(pool.occupancy()).toMatchObject({ full: false, running: [{ correlationId: leaving.id }] });
    launcher.pending[0]!.succeed();
    await turn();
    const running = call();
    expect(pool.occupancy()).toMatchObject({ full: true, running: [{ correlationId: running.id }] });
    await leaving.finish();
    await running.finish();
    await recycled;
  });
});

describe("a listener for queued calls", () => {
  test("is notified of nested calls while they wait", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const notified: QueuedCall[] = [];
    const unlisten = pool.onQueued((queued) => {
      notified.push(queued);
      expect(pool.occupancy().queued).toContainEqual(queued);
    });
    const calls = [call({ parent: outer }), call(), call({ parent: middle })];
    expect(notified).toEqual([{ correlationId: calls[2]!.id, parent: middle, waitsFor: undefined }]);
    unlisten();
    calls.push(call({ parent: outer }));
    expect(notified).toHaveLength(1);
    for (const each of calls) await each.finish();
  });

  test("is notified again when such a call must wait for the worker of its session", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2, affinity: "strict-queue" });
    const call = tracker(pool, launcher);
    const notified: (string | undefined)[] = [];
    pool.onQueued(({ waitsFor }) => notified.push(waitsFor));
    const busy = [call(), call()];
    const mine = [call({ sessionId: "a" }), call({ sessionId: "a", parent: outer })];
    expect(notified).toEqual([undefined]);
    const worker = await busy[0]!.finish();
    await busy[1]!.finish();
    expect(mine[0]!.worker).toBe(worker);
    expect(notified).toEqual([undefined, worker.workerId]);
    for (const each of mine) await each.finish();
  });

  test("may reject the call at once", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const deadlock = new SnakepitError("POOL_SATURATED", "it waits for itself");
    pool.onQueued(({ correlationId }) => pool.reject(correlationId, deadlock));
    const running = call();
    const nested = call({ parent: outer, queueTimeoutMs: 1 });
    expect(await failureOf(nested.answer)).toMatchObject({
      code: "POOL_SATURATED",
      message: "it waits for itself",
      pool: "test",
      callId: nested.id,
    });
    expect(pool.stats()).toMatchObject({ queued: 0, errors: 1 });
    await running.finish();
  });
});

test("only a queued call can be rejected", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  const call = tracker(pool, launcher);
  const running = [call({ sessionId: "a" }), call()];
  const waiting = [call(), call({ sessionId: "a", affinity: "strict-queue" })];
  const error = new SnakepitError("CANCELLED", "cancelled by the test");
  expect(pool.reject(running[0]!.id, error)).toBe(false);
  expect(pool.reject("unknown", error)).toBe(false);
  for (const { id, answer } of waiting) {
    expect(pool.reject(id, error)).toBe(true);
    expect(await failureOf(answer)).toMatchObject({ code: "CANCELLED", callId: id });
    expect(pool.reject(id, error)).toBe(false);
  }
  for (const each of running) await each.finish();
});
