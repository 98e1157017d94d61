import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, startedPool, turn } from "./testing/pool-under-test.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const flaky = new SnakepitError("WORKER_START_FAILED", "it exited with status 9");
const hopeless = new SnakepitError("WORKER_START_FAILED", "ImportError: no module named torch", {
  startFailure: "permanent",
});

const overdue = new SnakepitError("WORKER_START_FAILED", "not ready within 30000 ms", {
  startFailure: "timed-out",
});

async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await turn();
}

describe("starting", () => {
  test("starts workers in batches", async () => {
    const launcher = new FakeLauncher({}, () => {});
    await using pool = startedPool(launcher, { size: 5, batchSize: 2 });
    pool.start();
    expect(launcher.pending).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ state: "starting", size: 5, starting: 2, workers: 0 });
    launcher.pending[0]!.succeed();
    await turn();
    expect(launcher.launches).toHaveLength(3);
    for (let i = 0; i < 4; i++) {
      launcher.pending[0]!.succeed();
      await turn();
    }
    expect(launcher.launches).toHaveLength(5);
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 5, starting: 0, available: 5 });
    await pool.ready();
  });

  test("pauses between batches", async () => {
    const launcher = new FakeLauncher();
    await using pool = startedPool(launcher, { size: 5, batchSize: 2, batchDelayMs: 100 });
    const ready = pool.ready();
    await turn();
    expect(launcher.launches).toHaveLength(2);
    await advance(99);
    expect(launcher.launches).toHaveLength(2);
    await advance(2);
    expect(launcher.launches).toHaveLength(4);
    await advance(101);
    await ready;
    expect(launcher.launches).toHaveLength(5);
  });

  test("executes calls as soon as one worker is ready", async () => {
    const launcher = new FakeLauncher(
      { run: (call) => call.value("early") },
      (launch, index) => index === 0 && launch.succeed(),
    );
    await using pool = startedPool(launcher, { size: 3 });
    expect(await pool.execute(request())).toBe("early");
    expect(pool.stats()).toMatchObject({ state: "starting", workers: 1, starting: 2 });
  });

  test("fewer workers than configured are tolerated and replaced", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value(1) }, (launch, index) =>
      index === 1 || index === 3 ? launch.fail(flaky) : launch.succeed(),
    );
    await using pool = startedPool(launcher, { size: 3 });
    await turn();
    expect(pool.stats()).toMatchObject({ state: "starting", workers: 2, starting: 0 });
    expect(await pool.execute(request())).toBe(1);
    await advance(100);
    await pool.ready();
    expect(launcher.launches).toHaveLength(5);
  });

  test("aborts a launch that exceeds its time limit shortly afterwards", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => index > 1 && launch.succeed());
    await using pool = startedPool(launcher, { size: 1, startTimeoutMs: 700 });
    const events: unknown[] = [];
    launcher.launches[0]!.request.signal.addEventListener("abort", () => events.push("aborted"));
    const failure = failureOf(pool.ready());
    await advance(1_701);
    expect(events).toEqual(["aborted"]);
    expect((await failure).message).toContain("not ready within 700 ms; increase startTimeoutMs");
  });

  test("stops a worker that becomes ready after its launch was aborted", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => index > 0 && launch.succeed());
    await using pool = startedPool(launcher, { size: 1, startTimeoutMs: 700 });
    const [stubborn] = launcher.launches;
    stubborn!.pending = false;
    await advance(1_701);
    expect(launcher.launches).toHaveLength(1);
    await advance(30_001);
    await pool.ready();
    const late = stubborn!.succeed();
    await turn();
    expect(late.stops).toEqual([0]);
    expect(pool.stats().workers).toBe(1);
  });
});

describe("ready()", () => {
  test("waits no longer than the time-out, and reports the progress", async () => {
    const launcher = new FakeLauncher({}, (launch, index) => index === 0 && launch.succeed());
    await using pool = startedPool(launcher, { size: 3 });
    const failure = failureOf(pool.ready({ timeoutMs: 50 }));
    await advance(51);
    const error = await failure;
    expect(error).toMatchObject({ code: "POOL_NOT_READY", details: { ready: 1, size: 3, timeoutMs: 50 } });
    expect(error.message).toContain("has 1 of 3 workers after 50 ms");
  });

  test("may wait longer than the longest timer of Node.js", async () => {
    const launcher = new FakeLauncher({}, () => {});
    await using pool = startedPool(launcher, { size: 1, startTimeoutMs: 3_600_000 });
    const ready = pool.ready({ timeoutMs: 30 * 86_400_000 });
    await advance(60_000);
    launcher.pending[0]!.succeed();
    await ready;
  });

  test("is cancelled by its signal", async () => {
    await using pool = startedPool(new FakeLauncher({}, () => {}));
    const controller = new AbortController();
    const waiting = failureOf(pool.ready({ signal: controller.signal }));
    controller.abort("no time");
    expect(await waiting).toMatchObject({ code: "CANCELLED", cause: "no time" });
    expect((await failureOf(pool.ready({ signal: controller.signal }))).code).toBe("CANCELLED");
  });

  test("rejects with the cause when no worker can be started, soon and without a crash loop", async () => {
    const launcher = new FakeLauncher({}, (launch) => launch.fail(flaky));
    await using pool = startedPool(launcher, { size: 2 });
    const error = await failureOf(pool.ready());
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "it exited with status 9", pool: "test" });
    expect(launcher.launches).toHaveLength(4);
    expect(pool.stats().state).toBe("degraded");
    expect((await failureOf(pool.ready())).code).toBe("WORKER_START_FAILED");
  });

  test("rejects when the first start exceeds its time limit; calls succeed once a worker starts", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value("late") }, (launch, index) =>
      index > 1 ? launch.succeed() : setTimeout(() => launch.fail(overdue), 30_000),
    );
    await using pool = startedPool(launcher, { size: 2, startTimeoutMs: 30_000 });
    const failure = failureOf(pool.ready());
    await advance(30_001);
    expect(await failure).toMatchObject({ code: "WORKER_START_FAILED", message: overdue.message });
    expect(pool.stats().state).toBe("degraded");
    await advance(60_000);
    expect(await pool.execute(request())).toBe("late");
    expect(pool.stats().state).toBe("ready");
  });

  test("ends when the pool closes", async () => {
    const pool = startedPool(new FakeLauncher({}, () => {}));
    const waiting = failureOf(pool.ready());
    await pool.close();
    expect((await waiting).code).toBe("SHUTTING_DOWN");
    expect((await failureOf(pool.ready())).code).toBe("SHUTTING_DOWN");
  });
});

describe("a permanent start error", () => {
  test("fails ready() and every call at once, without a retry", async () => {
    const launcher = new FakeLauncher({}, () => {});
    await using pool = startedPool(launcher, { size: 3 });
    const queued = failureOf(pool.execute(request()));
    const ready = failureOf(pool.ready());
    launcher.pending[1]!.fail(hopeless);
    expect(await ready).toMatchObject({ code: "WORKER_START_FAILED", message: hopeless.message, pool: "test" });
    expect(await queued).toMatchObject({ code: "WORKER_START_FAILED", message: hopeless.message });
    const made = request();
    expect(await failureOf(pool.execute(made))).toMatchObject({
      code: "WORKER_START_FAILED",
      callId: made.correlationId,
    });
    expect(launcher.pending).toEqual([]);
    await advance(600_000);
    expect(launcher.launches).toHaveLength(3);
    expect(pool.stats()).toMatchObject({ state: "failed", starting: 0, workers: 0 });
  });

  test("of a pool that has worked is retried slowly", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value("again") });
    await using pool = await readyPool(launcher, { size: 1 });
    launcher.plan = (launch) => launch.fail(hopeless);
    launcher.workers[0]!.crash();
    await turn();
    expect(pool.stats()).toMatchObject({ state: "degraded", workers: 0 });
    expect(await failureOf(pool.execute(request()))).toMatchObject({
      code: "POOL_NOT_READY",
      cause: { message: hopeless.message },
    });
    expect(launcher.launches).toHaveLength(2);
    launcher.plan = (launch) => launch.succeed();
    await advance(30_001);
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
    expect(await pool.execute(request())).toBe("again");
  });
});
