import { availableParallelism } from "node:os";
import { type EventName, type Instrumentation, SnakepitError, type SnakepitEvents } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, OPTIONS, readyPool, request, turn } from "../testing/pool-under-test.ts";
import { tracker } from "../testing/tracked-call.ts";
import { WorkerPool } from "../worker-pool.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const broken = new SnakepitError("WORKER_START_FAILED", "SyntaxError: no", { startFailure: "permanent" });

class Events implements Instrumentation {
  readonly names: EventName[] = [];
  readonly recycled: SnakepitEvents["worker.recycled"][] = [];
  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    if (name !== "pool.state") this.names.push(name);
    if (name === "worker.recycled") this.recycled.push(event as SnakepitEvents["worker.recycled"]);
  }
  startCall(): undefined {}
}

/** Lets the test decide all later launches. */
function holdLaunches(launcher: FakeLauncher): void {
  launcher.plan = () => {};
}

test("the replacement starts first; then the old worker finishes its calls, accepts no new ones, and is stopped", async () => {
  const events = new Events();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 }, events);
  const call = tracker(pool, launcher);
  const [old] = launcher.workers;
  holdLaunches(launcher);
  const running = call();
  const recycled = pool.recycle("test-1");
  await turn();
  expect(launcher.pending.map(({ request: { workerId } }) => workerId)).toEqual(["test-2"]);
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1, starting: 1 });
  await running.finish();
  // It works on as long as it has no replacement.
  const last = call();
  expect(last.worker).toBe(old);
  const waiting = call();
  vi.advanceTimersByTime(70);
  launcher.pending[0]!.succeed();
  await turn();
  expect(waiting.worker!.workerId).toBe("test-2");
  expect(pool.stats()).toMatchObject({ size: 1, workers: 2, starting: 0, active: 2 });
  expect(pool.workers()).toMatchObject([
    { id: "test-1", state: "draining", load: 1 },
    { id: "test-2", state: "ready", load: 1 },
  ]);
  await waiting.finish();
  const next = call();
  expect(next.worker!.workerId).toBe("test-2");
  vi.advanceTimersByTime(30);
  expect(old!.stops).toEqual([]);
  await last.finish();
  expect(await recycled).toBe("test-2");
  expect(old!.gone).toBe(true);
  expect(pool.stats()).toMatchObject({ state: "ready", size: 1, workers: 1 });
  expect(pool.workers().map(({ id }) => id)).toEqual(["test-2"]);
  expect(events.names.slice(3)).toEqual(["worker.starting", "worker.ready", "worker.exited", "worker.recycled"]);
  const recycledOnce = { workerId: "test-1", replacementId: "test-2", reason: "requested", durationMs: 100 };
  expect(events.recycled).toEqual([{ pool: "test", ...recycledOnce, uptimeMs: 100, requests: 2 }]);
  expect(pool.stats()).toMatchObject({ recycled: 1, crashed: 0 });
  await next.finish();
});

test("an idle worker has the pool's grace period to exit", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2, shutdownGraceMs: 700 });
  expect(await pool.recycle("test-1")).toBe("test-3");
  expect(launcher.workers[0]!.stops).toEqual([700]);
  expect(await pool.recycle("test-2", { graceMs: 200 })).toBe("test-4");
  expect(launcher.workers[1]!.stops).toEqual([200]);
});

test("unknown workers", async () => {
  const launcher = new FakeLauncher();
  await using idle = new WorkerPool(OPTIONS, launcher);
  expect((await failureOf(idle.recycle("test-1"))).code).toBe("POOL_NOT_READY");
  expect(launcher.launches).toHaveLength(0);
  await using pool = await readyPool(launcher, { size: 1 });
  expect(await pool.recycle("test-1")).toBe("test-2");
  const error = await failureOf(pool.recycle("test-1"));
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", pool: "test", details: { workerId: "test-1" } });
  expect(error.message).toBe(
    'pool "test" has no worker "test-1"; it may have exited; workers() lists the running workers',
  );
  expect(launcher.launches).toHaveLength(2);
});

describe("a replacement that cannot start", () => {
  test("rejects with its error, and leaves the old worker and the pool unchanged", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, restart: { maxRestarts: 0, withinMs: 1_000 } });
    const call = tracker(pool, launcher);
    const running = call();
    launcher.plan = (launch) => launch.fail(broken);
    for (let round = 0; round < 3; round++) {
      const error = await failureOf(pool.recycle("test-1"));
      expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "SyntaxError: no", pool: "test" });
      expect(error.workerId).toBe(`test-${round + 2}`);
    }
    expect(pool.stats()).toMatchObject({ state: "ready", size: 1, workers: 1, starting: 0 });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(launcher.launches).toHaveLength(4);
    expect(launcher.workers[0]!.stops).toEqual([]);
    await running.finish();
    await call().finish();
  });

  test("may have exceeded its time limit", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, startTimeoutMs: 500 });
    holdLaunches(launcher);
    const error = failureOf(pool.recycle("test-1"));
    await turn();
    vi.advanceTimersByTime(1_501);
    expect(await error).toMatchObject({ code: "WORKER_START_FAILED", workerId: "test-2" });
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1, starting: 0 });
    await pool.ready();
  });
});

test("a degraded pool still replaces a worker at once", async () => {
  const launcher = new FakeLauncher({}, (launch, index) => (index === 0 ? launch.succeed() : launch.fail(broken)));
  await using pool = new WorkerPool({ ...OPTIONS, size: 2 }, launcher);
  pool.start();
  expect((await failureOf(pool.ready())).code).toBe("WORKER_START_FAILED");
  expect(pool.stats()).toMatchObject({ state: "degraded", workers: 1 });
  launcher.plan = (launch) => launch.succeed();
  expect(await pool.recycle("test-1")).toBe("test-3");
});

describe("two requests for one worker", () => {
  test("are joined, before the replacement is ready and after", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const running = tracker(pool, launcher)();
    holdLaunches(launcher);
    const recycled = [pool.recycle("test-1"), pool.recycle("test-1")];
    await turn();
    recycled.push(pool.recycle("test-1"));
    launcher.pending[0]!.succeed();
    await turn();
    recycled.push(pool.recycle("test-1"));
    await running.finish();
    expect(await Promise.all(recycled)).toEqual(Array.from({ length: 4 }, () => "test-2"));
    expect(launcher.launches).toHaveLength(2);
  });

  test("fail together, each with a separate error", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    launcher.plan = (launch) => launch.fail(broken);
    const errors = await Promise.all([failureOf(pool.recycle("test-1")), failureOf(pool.recycle("test-1"))]);
    expect(errors[0]).not.toBe(errors[1]);
    expect(errors.map(({ code }) => code)).toEqual(["WORKER_START_FAILED", "WORKER_START_FAILED"]);
    expect(launcher.launches).toHaveLength(2);
  });

  test("apply the shortest grace period", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const running = failureOf(tracker(pool, launcher)().answer);
    const recycled = pool.recycle("test-1");
    await turn();
    const shorter = pool.recycle("test-1", { graceMs: 100 });
    await turn();
    vi.advanceTimersByTime(101);
    expect((await running).code).toBe("WORKER_CRASHED");
    expect(await Promise.all([recycled, shorter])).toEqual(["test-2", "test-2"]);
  });

  test("may include the replacement while the old worker finishes its calls", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const first = call();
    const recycled = pool.recycle("test-1");
    await turn();
    const second = call();
    const again = pool.recycle("test-2");
    await turn();
    expect(pool.stats()).toMatchObject({ size: 1, workers: 3 });
    await second.finish();
    expect(await again).toBe("test-3");
    await first.finish();
    expect(await recycled).toBe("test-2");
    expect(pool.workers().map(({ id }) => id)).toEqual(["test-3"]);
  });
});

describe("calls of the old worker", () => {
  test("continue until their own deadlines", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const endless = tracker(pool, launcher)();
    const limited = failureOf(pool.execute(request("echo", { deadline: performance.now() + 90_000_000 })));
    const recycled = pool.recycle("test-1");
    await turn();
    vi.advanceTimersByTime(80_000_000);
    expect(pool.stats()).toMatchObject({ workers: 2, active: 2 });
    await endless.finish();
    expect(await recycled).toBe("test-2");
    vi.advanceTimersByTime(10_000_001);
    expect((await limited).code).toBe("DEADLINE_EXCEEDED");
  });

  test("that outlast the grace period are lost, and are retryable", async () => {
    const launcher = new FakeLauncher({ capacity: 2 });
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const [quick, slow] = [call(), call()];
    const recycled = pool.recycle("test-1", { graceMs: 1_000 });
    await turn();
    vi.advanceTimersByTime(500);
    await quick.finish();
    vi.advanceTimersByTime(501);
    const error = await failureOf(slow.answer);
    expect(error).toMatchObject({
      code: "WORKER_CRASHED",
      retryable: true,
      workerId: "test-1",
      callId: slow.id,
      details: { recycled: true },
    });
    expect(error.message).toContain(
      "its worker was taken out of service, and the call did not end within the grace period",
    );
    expect(await recycled).toBe("test-2");
  });

  test("that were cancelled but not answered do not keep it running", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1, cancelGraceMs: 300 });
    const controller = new AbortController();
    const call = failureOf(pool.execute(request("echo", { signal: controller.signal })));
    const recycled = pool.recycle("test-1");
    await turn();
    controller.abort();
    await call;
    vi.advanceTimersByTime(301);
    expect(await recycled).toBe("test-2");
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
  });
});

describe("several replacements", () => {
  test("start one after another while calls are answered, at most a quarter of the workers at the same time", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value(1) });
    await using pool = await readyPool(launcher, { size: 8 });
    holdLaunches(launcher);
    const recycled = Promise.all(pool.workers().map(({ id }) => pool.recycle(id)));
    await turn();
    expect(launcher.pending).toHaveLength(1);
    await pool.execute(request());
    const startedAt = [performance.now()];
    while (startedAt.length < 8) {
      vi.advanceTimersByTime(1);
      await turn();
      expect(launcher.pending.length).toBeLessThanOrEqual(2);
      if (launcher.launches.length - 8 > startedAt.length) startedAt.push(performance.now());
      if (launcher.pending.length === 2 && performance.now() % 1_000 < 1) launcher.pending[0]!.succeed();
      await pool.execute(request());
    }
    const least = 3_000 / availableParallelism();
    for (const [index, at] of startedAt.slice(1).entries())
      expect(at - startedAt[index]!).toBeGreaterThanOrEqual(least);
    launcher.plan = (launch) => launch.succeed();
    for (const launch of launcher.pending) launch.succeed();
    await recycled;
  });

  test("follow one another at once while no call is answered", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 8 });
    const before = performance.now();
    await Promise.all(pool.workers().map(({ id }) => pool.recycle(id)));
    expect(performance.now()).toBe(before);
    expect(pool.stats()).toMatchObject({ workers: 8, recycled: 8 });
  });
});

describe("under load", () => {
  const load = { size: 4, capacity: 2, callers: 24 };

  async function underLoad(recycle: (pool: WorkerPool, ids: readonly string[]) => Promise<unknown>) {
    const launcher = new FakeLauncher({
      capacity: load.capacity,
      run: (call) => setImmediate(() => setImmediate(() => call.settled || call.value(call.call.correlationId))),
    });
    launcher.plan = (launch) => setImmediate(() => launch.succeed());
    await using pool = await readyPool(launcher, { size: load.size, queueTimeoutMs: 60_000 });
    let [over, calls] = [false, 0];
    const caller = async (sessionId: string | undefined) => {
      while (!over) {
        const made = request("echo", { sessionId, affinity: calls % 2 === 0 ? "hint" : "strict-queue" });
        expect(await pool.execute(made)).toBe(made.correlationId);
        calls += 1;
      }
    };
    const callers = Array.from({ length: load.callers }, (_, n) => caller(n % 3 === 0 ? undefined : `${n % 5}`));
    const before = pool.workers().map(({ id }) => id);
    let recycling = true;
    const recycled = recycle(pool, before).finally(() => {
      recycling = false;
    });
    while (recycling) {
      // Under load, replacements start one after another.
      vi.advanceTimersByTime(10);
      await turn();
    }
    await recycled;
    const after = pool.workers().map(({ id }) => id);
    over = true;
    await Promise.all(callers);
    expect(after).toHaveLength(load.size);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(calls).toBeGreaterThan(load.callers);
    expect(pool.stats()).toMatchObject({ state: "ready", errors: 0, active: 0, queued: 0, workers: load.size });
    expect(launcher.launches).toHaveLength(2 * load.size);
  }

  test("all workers one after the other: no call is lost", async () => {
    await underLoad(async (pool, ids) => {
      for (const id of ids) await pool.recycle(id);
    });
  });

  test("all workers at once: no call is lost", async () => {
    await underLoad((pool, ids) => Promise.all(ids.map((id) => pool.recycle(id))));
  });
});
