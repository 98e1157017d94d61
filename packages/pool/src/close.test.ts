import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, startedPool, turn } from "./testing/pool-under-test.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("rejects new and queued calls, and lets active ones finish", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 1 });
  const active = pool.execute(request());
  const waiting = failureOf(pool.execute(request()));
  const closed = pool.close();
  const { code, message } = await waiting;
  expect(code).toBe("SHUTTING_DOWN");
  expect(message).toMatch(/was rejected because the pool is closing; call close\(\) after its calls have ended$/);
  expect((await failureOf(pool.execute(request()))).code).toBe("SHUTTING_DOWN");
  expect(pool.stats()).toMatchObject({ state: "closing", busy: 1 });
  vi.advanceTimersByTime(500);
  launcher.workers[0]!.calls[0]!.value("in time");
  expect(await active).toBe("in time");
  await closed;
  // It received the rest of the grace period.
  expect(launcher.workers[0]!.stops[0]).toBe(1_500);
  expect(launcher.closed).toBe(1);
  expect(pool.stats()).toMatchObject({ workers: 0, busy: 0 });
});

test("an idle worker has the grace period to exit", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 1 });
  await pool.close({ graceMs: 700 });
  expect(launcher.workers[0]!.stops[0]).toBe(700);
});

test("calls and streams that outlast the grace period fail", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 2, shutdownGraceMs: 100 });
  const call = failureOf(pool.execute(request()));
  const chunk = failureOf(pool.stream(request("count")).next());
  const closed = pool.close();
  vi.advanceTimersByTime(101);
  const { code, message } = await call;
  expect(code).toBe("SHUTTING_DOWN");
  expect(message).toMatch(/did not end in the grace period of close\(\); call .*, or increase shutdownGraceMs$/);
  expect((await chunk).code).toBe("SHUTTING_DOWN");
  await closed;
  expect(launcher.workers.map((worker) => worker.gone)).toEqual([true, true]);
});

test("can be called again, also to shorten the grace period", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 1 });
  const call = failureOf(pool.execute(request()));
  const first = pool.close({ graceMs: 60_000 });
  const again = pool.close({ graceMs: 90_000 });
  vi.advanceTimersByTime(10_000);
  const shorter = pool.close({ graceMs: 5 });
  vi.advanceTimersByTime(6);
  expect((await call).code).toBe("SHUTTING_DOWN");
  await Promise.all([first, again, shorter, pool[Symbol.asyncDispose]()]);
  expect(launcher.closed).toBe(1);
});

test("starts no more workers", async () => {
  const launcher = new FakeLauncher({}, () => {});
  const pool = startedPool(launcher, { size: 3, batchSize: 2, batchDelayMs: 1_000 });
  const queued = failureOf(pool.execute(request()));
  await pool.close();
  expect((await queued).code).toBe("SHUTTING_DOWN");
  expect(launcher.launches.map((launch) => launch.request.signal.aborted)).toEqual([true, true]);
  await turn();
  vi.advanceTimersByTime(60_000);
  expect(launcher.launches).toHaveLength(2);
  expect(pool.stats()).toMatchObject({ workers: 0, starting: 0 });
});

test("a worker that became ready just before the close is stopped", async () => {
  const launcher = new FakeLauncher({}, () => {});
  const pool = startedPool(launcher, { size: 1 });
  const worker = launcher.pending[0]!.succeed();
  await pool.close();
  await turn();
  expect(worker.gone).toBe(true);
  expect(pool.stats().workers).toBe(0);
});

test("a cancelled call does not delay the close beyond the grace period", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true });
  const pool = await readyPool(launcher, { size: 1 });
  const controller = new AbortController();
  const call = failureOf(pool.execute(request("echo", { signal: controller.signal })));
  controller.abort();
  await call;
  const closed = pool.close({ graceMs: 50 });
  vi.advanceTimersByTime(51);
  await closed;
});

test("a launcher that cannot be closed is an error of close()", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher);
  launcher.close = () => Promise.reject(new Error("the zygote is stuck"));
  const error = await failureOf(pool.close());
  expect(error.code).toBe("INTERNAL");
  expect(error.message).toBe('the launcher of pool "test" could not be closed: the zygote is stuck');
});
