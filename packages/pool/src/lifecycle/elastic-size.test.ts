import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventLog } from "../testing/event-log.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { readyPool, request, turn } from "../testing/pool-under-test.ts";
import { TrafficDay } from "../testing/traffic-day.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const scaling = { growAfterMs: 100, shrinkAfterMs: 10_000 };

async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    vi.advanceTimersByTime(100);
    await turn();
  }
}

test("a pool starts with its minimum, and doubles while calls wait, up to its maximum", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: { min: 1, max: 6 }, scaling, queueTimeoutMs: 60_000 }, events);
  const calls = Array.from({ length: 12 }, () => pool.execute(request()).catch(() => {}));
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1, queued: 11 });
  await pass(100);
  await pass(100);
  expect(pool.stats()).toMatchObject({ size: 2, workers: 2 });
  await pass(100);
  expect(pool.stats()).toMatchObject({ size: 4 });
  await pass(100);
  expect(pool.stats()).toMatchObject({ size: 6, workers: 6 });
  await pass(1_000);
  expect(pool.stats()).toMatchObject({ size: 6, queued: 6 });
  expect(events.of("pool.resized").map(({ from, to, reason }) => [from, to, reason])).toEqual([
    [1, 2, "calls-waited"],
    [2, 4, "calls-waited"],
    [4, 6, "calls-waited"],
  ]);
  for (let round = 0; round < 2; round += 1) {
    for (const worker of launcher.alive) worker.calls[0]!.value(1);
    await turn();
  }
  await Promise.all(calls);
});

test("a call that waits less than growAfterMs does not change the size", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: { min: 1, max: 6 }, scaling });
  for (let round = 0; round < 20; round += 1) {
    const calls = [pool.execute(request()), pool.execute(request())];
    vi.advanceTimersByTime(60);
    launcher.workers[0]!.calls[0]!.value(1);
    await turn();
    launcher.workers[0]!.calls[0]!.value(1);
    await Promise.all(calls);
  }
  expect(pool.stats()).toMatchObject({ size: 1 });
});

test("it does not grow further while workers are starting, or by more workers than calls wait", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: { min: 4, max: 32 }, scaling, queueTimeoutMs: 60_000 });
  launcher.plan = () => {};
  const calls = Array.from({ length: 6 }, () => pool.execute(request()));
  await pass(2_000);
  expect(pool.stats()).toMatchObject({ size: 6, starting: 2, queued: 2 });
  for (const launch of launcher.pending) launch.succeed();
  await pass(1_000);
  expect(pool.stats()).toMatchObject({ size: 6, workers: 6, queued: 0 });
  for (const worker of launcher.alive) worker.calls[0]!.value(1);
  await Promise.all(calls);
});

test("workers without a call are removed after shrinkAfterMs; used ones stay", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: { min: 1, max: 4 }, scaling }, events);
  await pool.resize({ min: 4, max: 4 });
  await pool.resize({ min: 1, max: 4 });
  for (let second = 0; second < 9; second += 1) {
    await pool.execute(request());
    await pass(1_000);
  }
  expect(pool.stats()).toMatchObject({ size: 4, workers: 4 });
  await pool.execute(request());
  await pass(2_000);
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1 });
  expect(launcher.alive[0]!.received).toHaveLength(10);
  expect(events.of("pool.resized").at(-1)).toEqual({ pool: "test", from: 4, to: 1, reason: "workers-idle" });
});

test("new limits apply at once, and a fixed size stops the adaptation", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: { min: 1, max: 8 }, scaling, queueTimeoutMs: 60_000 });
  await pool.resize({ min: 3, max: 5 });
  expect(pool.stats()).toMatchObject({ size: 3, workers: 3 });
  expect(pool.maxSize).toBe(5);
  await pool.resize(2);
  const calls = Array.from({ length: 4 }, () => pool.execute(request()));
  await pass(1_000);
  expect(pool.stats()).toMatchObject({ size: 2, queued: 2 });
  for (let round = 0; round < 2; round += 1) {
    for (const worker of launcher.alive) worker.calls[0]!.value(1);
    await turn();
  }
  await Promise.all(calls);
});

test("on a day of steps, bursts and a quiet night, calls hardly wait and the size follows without oscillating", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  const size = { min: 1, max: 40 };
  const options = { size, scaling: { growAfterMs: 100, shrinkAfterMs: 300_000 }, queueLimit: 10_000 };
  await using pool = await readyPool(launcher, options, events);
  const day = new TrafficDay(pool, launcher);
  const report = await day.run();
  expect(report.failed).toBe(0);
  expect(report.calls).toBeGreaterThan(200_000);
  expect(report.waitedShare).toBeLessThan(0.005);
  expect(report.longestWaitMs).toBeLessThanOrEqual(2_000);
  expect(report.sizeAtNight).toBe(1);
  // The peak is a burst: 16 calls at a time, and what has waited when it begins.
  expect(report.largestSize).toBeLessThanOrEqual(32);
  // A pool that always has the workers of the peak needs 384.
  expect(report.workerHours).toBeLessThan(150);
  // It grows with each of the 8 bursts and shrinks after it; nothing else changes its direction.
  expect(report.turns).toBeLessThanOrEqual(2 * 8 + 1);
});
