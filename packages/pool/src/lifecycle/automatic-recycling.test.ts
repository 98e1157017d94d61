import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PoolOptions } from "../pool-options.ts";
import { EventLog } from "../testing/event-log.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { OPTIONS, readyPool, request, turn } from "../testing/pool-under-test.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const recycle = (limits: Partial<PoolOptions["recycle"]>): PoolOptions["recycle"] => ({
  ...OPTIONS.recycle,
  jitter: 0,
  ...limits,
});

/** Advances time by one check of the limits after another. */
async function checks(count: number): Promise<void> {
  for (let check = 0; check < count; check += 1) {
    vi.advanceTimersByTime(OPTIONS.heartbeatIntervalMs);
    await turn();
  }
}

const ids = (launcher: FakeLauncher) => launcher.alive.map(({ workerId }) => workerId);

test("a worker is replaced when it is old, and its replacement lives as long", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using _pool = await readyPool(launcher, { size: 1, recycle: recycle({ ttlMs: 5_000 }) }, events);
  await checks(2);
  expect(ids(launcher)).toEqual(["test-1"]);
  await checks(1);
  expect(ids(launcher)).toEqual(["test-2"]);
  await checks(3);
  expect(ids(launcher)).toEqual(["test-3"]);
  expect(events.of("worker.recycled")).toMatchObject([
    { workerId: "test-1", replacementId: "test-2", reason: "age", uptimeMs: 6_000, requests: 0 },
    { workerId: "test-2", replacementId: "test-3", reason: "age" },
  ]);
});

test("a worker is replaced after its number of calls", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 1, recycle: recycle({ maxRequests: 3 }) }, events);
  for (let call = 0; call < 2; call += 1) await pool.execute(request());
  await checks(2);
  expect(ids(launcher)).toEqual(["test-1"]);
  await pool.execute(request());
  await checks(1);
  expect(ids(launcher)).toEqual(["test-2"]);
  expect(events.of("worker.recycled")).toMatchObject([{ reason: "requests", requests: 3 }]);
});

test("a worker is replaced when its memory exceeds the limit", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2, recycle: recycle({ maxRssMb: 100 }) }, events);
  for (const worker of launcher.workers) worker.vitals = vitals(100 << 20);
  await checks(2);
  launcher.workers[1]!.vitals = vitals((100 << 20) + 1);
  await checks(1);
  expect(ids(launcher)).toEqual(["test-1", "test-3"]);
  expect(events.of("worker.recycled")).toMatchObject([{ workerId: "test-2", reason: "memory" }]);
  expect(pool.stats()).toMatchObject({ recycled: 1 });
});

test("at most a quarter of the workers is replaced at the same time", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 8, recycle: recycle({ ttlMs: 3_000 }) });
  launcher.plan = () => {};
  await checks(5);
  expect(launcher.pending).toHaveLength(2);
  expect(pool.stats()).toMatchObject({ size: 8, workers: 8, starting: 2, available: 8 });
  launcher.plan = (launch) => launch.succeed();
  for (const launch of launcher.pending) launch.succeed();
  await turn();
  await checks(1);
  expect(pool.stats()).toMatchObject({ workers: 8, recycled: 4 });
});

test("workers of the same age are not replaced together", async () => {
  const launcher = new FakeLauncher();
  const events = new EventLog();
  const limits = { ttlMs: 1_000_000, jitter: 0.5 };
  await using _pool = await readyPool(launcher, { size: 64, recycle: recycle(limits) }, events);
  await checks(250);
  expect(events.of("worker.recycled")).toHaveLength(0);
  await checks(125);
  const half = events.of("worker.recycled").length;
  expect(half).toBeGreaterThan(12);
  expect(half).toBeLessThan(52);
  await checks(126);
  // None exceeds the limit itself.
  expect(launcher.workers.slice(0, 64).filter((worker) => !worker.gone)).toEqual([]);
});

test("when no replacement can start, the worker continues, and attempts are rare", async () => {
  const launcher = new FakeLauncher();
  const options = { size: 1, recycle: recycle({ ttlMs: 3_000 }), backoff: { initialMs: 100, maxMs: 30_000 } };
  await using pool = await readyPool(launcher, options);
  launcher.plan = (launch) => launch.fail(new SnakepitError("WORKER_START_FAILED", "no"));
  await checks(14);
  expect(launcher.launches).toHaveLength(2);
  await checks(4);
  expect(launcher.launches).toHaveLength(3);
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 1, recycled: 0 });
  launcher.plan = (launch) => launch.succeed();
  await checks(16);
  expect(ids(launcher)).not.toEqual(["test-1"]);
});

describe("health checks", () => {
  const healthCheck = { intervalMs: 1_000, tool: undefined, timeoutMs: 500 };

  async function idle(times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      vi.advanceTimersByTime(1_000);
      await turn();
    }
  }

  test("call the tool of an idle worker, one worker after another, and do not count as calls", async () => {
    const events = new EventLog();
    const launcher = new FakeLauncher({ checkTool: "$check" });
    await using pool = await readyPool(launcher, { size: 2, healthCheck }, events);
    await idle(2);
    expect(launcher.workers.map(({ calls }) => calls.map(({ call }) => call.tool))).toEqual([["$check"], []]);
    expect(pool.stats()).toMatchObject({ available: 1, busy: 1 });
    launcher.workers[0]!.calls[0]!.value(null);
    await turn();
    expect(launcher.workers[1]!.calls).toHaveLength(1);
    launcher.workers[1]!.calls[0]!.value(null);
    await turn();
    expect(pool.stats()).toMatchObject({ requests: 0, errors: 0, available: 2 });
    expect(pool.workers().map(({ requests }) => requests)).toEqual([0, 0]);
    expect(events.of("worker.unhealthy")).toEqual([]);
  });

  test("leave busy workers alone", async () => {
    const launcher = new FakeLauncher({ checkTool: "$check" });
    await using pool = await readyPool(launcher, { size: 1, healthCheck });
    const answer = pool.execute(request());
    await idle(5);
    expect(launcher.workers[0]!.calls).toHaveLength(1);
    launcher.workers[0]!.calls[0]!.value(1);
    await answer;
  });

  test("replace a worker whose check fails", async () => {
    const events = new EventLog();
    const launcher = new FakeLauncher({ checkTool: "$check" });
    await using pool = await readyPool(launcher, { size: 1, healthCheck }, events);
    await idle(2);
    launcher.workers[0]!.calls[0]!.fail(new SnakepitError("PYTHON_EXCEPTION", "the model is gone"));
    await turn();
    await turn();
    expect(ids(launcher)).toEqual(["test-2"]);
    expect(events.of("worker.unhealthy")).toMatchObject([{ workerId: "test-1", error: { code: "PYTHON_EXCEPTION" } }]);
    expect(events.of("worker.recycled")).toMatchObject([{ workerId: "test-1", reason: "unhealthy" }]);
    expect(pool.stats()).toMatchObject({ errors: 0, crashed: 0 });
  });

  test("kill a worker that does not answer, also when it is cancelled", async () => {
    const events = new EventLog();
    const launcher = new FakeLauncher({ checkTool: "$check" });
    await using pool = await readyPool(launcher, { size: 1, healthCheck, cancelGraceMs: 700 }, events);
    await idle(2);
    vi.advanceTimersByTime(700);
    await turn();
    expect(events.of("worker.unhealthy")).toMatchObject([{ workerId: "test-1", error: { code: "DEADLINE_EXCEEDED" } }]);
    // Calls continue on its replacement.
    const answer = pool.execute(request());
    expect(launcher.workers[1]!.calls).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    await turn();
    expect(ids(launcher)).toEqual(["test-2"]);
    launcher.workers[1]!.calls[0]!.value(1);
    await answer;
  });

  test("do not run without a tool", async () => {
    const launcher = new FakeLauncher();
    await using _pool = await readyPool(launcher, { size: 1, healthCheck });
    await idle(3);
    expect(launcher.workers[0]!.calls).toEqual([]);
  });
});

function vitals(rssBytes: number) {
  return { rssBytes, active: 0, lastProgressMs: 0, receivedAt: performance.now() };
}
