import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";

const CANCEL_GRACE_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pool with one worker, which executes a call that was cancelled and does not stop, and one of another caller. */
async function withUnresponsiveCall(capacity = 4) {
  const launcher = new FakeLauncher({ ignoresCancel: true, capacity });
  const pool = await readyPool(launcher, { size: 1, cancelGraceMs: CANCEL_GRACE_MS });
  const controller = new AbortController();
  const cancelled = failureOf(pool.execute(request("echo", { signal: controller.signal })));
  const neighbor = pool.execute(request("echo"));
  controller.abort();
  await cancelled;
  await vi.advanceTimersByTimeAsync(2 * CANCEL_GRACE_MS);
  const [worker] = launcher.workers;
  return { launcher, pool, neighbor, worker: worker! };
}

test("a worker whose cancelled call does not stop is replaced, and its other calls continue", async () => {
  const { launcher, pool, neighbor, worker } = await withUnresponsiveCall();
  expect(launcher.workers).toHaveLength(2);
  expect(worker.stops).toEqual([]);
  const next = pool.execute(request("echo"));
  await turn();
  launcher.workers[1]!.calls[0]!.value("by the replacement");
  expect(await next).toBe("by the replacement");
  worker.calls[1]!.value("by the old worker");
  expect(await neighbor).toBe("by the old worker");
  await turn();
  expect(worker.stops[0]).toBe(0);
  await turn();
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1, active: 0, recycled: 1, crashed: 1 });
  await pool.close();
});

test("a call that stops late lets its worker end without being killed", async () => {
  const { pool, neighbor, worker } = await withUnresponsiveCall();
  worker.calls[0]!.value("late");
  worker.calls[0]!.value("by the old worker");
  expect(await neighbor).toBe("by the old worker");
  await turn();
  expect(worker.stops[0]).toBeGreaterThan(0);
  await turn();
  expect(pool.stats()).toMatchObject({ workers: 1, active: 0, recycled: 1, crashed: 0 });
  await pool.close();
});

test("a worker is killed when all of its calls are unresponsive", async () => {
  const { pool, worker } = await withUnresponsiveCall(2);
  expect(worker.stops).toEqual([]);
  worker.calls[1]!.value("answered");
  await turn();
  expect(worker.stops[0]).toBe(0);
  await pool.close();
});

test("a neighbor that does not end within recycle.graceMs fails", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true, capacity: 2 });
  const recycle = { ttlMs: Infinity, maxRequests: Infinity, maxRssMb: Infinity, jitter: 0, graceMs: 5_000 };
  await using pool = await readyPool(launcher, { size: 1, cancelGraceMs: CANCEL_GRACE_MS, recycle });
  const controller = new AbortController();
  const cancelled = failureOf(pool.execute(request("echo", { signal: controller.signal })));
  const neighbor = failureOf(pool.execute(request("echo")));
  controller.abort();
  await cancelled;
  await vi.advanceTimersByTimeAsync(2 * CANCEL_GRACE_MS + recycle.graceMs);
  expect(await neighbor).toMatchObject({ code: "WORKER_CRASHED", details: { recycled: true } });
  expect(launcher.workers[0]!.stops).toContain(0);
});
