import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";
import { tracker } from "../testing/tracked-call.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Lets the test decide all later launches. */
function holdLaunches(launcher: FakeLauncher): void {
  launcher.plan = () => {};
}

describe("a worker that dies", () => {
  test("while its replacement starts is replaced by that one", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    holdLaunches(launcher);
    const recycled = pool.recycle("test-1");
    await turn();
    launcher.workers[0]!.crash();
    await turn();
    expect(pool.stats()).toMatchObject({ size: 1, workers: 0, starting: 1 });
    const waiting = call();
    launcher.pending[0]!.succeed();
    expect(await recycled).toBe("test-2");
    await waiting.finish();
    expect(launcher.launches).toHaveLength(2);
  });

  test("while its replacement fails to start is still replaced, and the failure is reported", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    holdLaunches(launcher);
    const error = failureOf(pool.recycle("test-1"));
    await turn();
    launcher.workers[0]!.crash();
    launcher.pending[0]!.fail(new SnakepitError("WORKER_START_FAILED", "no memory"));
    expect((await error).message).toBe("no memory");
    await turn();
    expect(launcher.pending).toHaveLength(1);
    launcher.pending[0]!.succeed();
    await turn();
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1, starting: 0 });
  });

  test("leaves the pool one worker short if its replacement fails, which counts as a failure", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, restart: { maxRestarts: 1, withinMs: 60_000 } });
    holdLaunches(launcher);
    const error = failureOf(pool.recycle("test-1"));
    await turn();
    launcher.workers[0]!.crash();
    await turn();
    expect(pool.stats().state).toBe("starting");
    launcher.pending[0]!.fail(new SnakepitError("WORKER_START_FAILED", "no memory"));
    await error;
    await turn();
    expect(pool.stats()).toMatchObject({ state: "degraded", workers: 0 });
  });

  test("before the replacement starts is replaced once", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const recycled = pool.recycle("test-1");
    launcher.workers[0]!.crash();
    expect(await recycled).toBe("test-2");
    await turn();
    expect(launcher.launches).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ workers: 1, starting: 0 });
  });

  test("after its connection was lost counts as exited only at its exit", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const [worker] = launcher.workers;
    worker!.stop = () => worker!.exited;
    const lost = failureOf(pool.execute(request()));
    worker!.calls[0]!.lose(new SnakepitError("WORKER_CRASHED", "connection lost"));
    await lost;
    const recycled = pool.recycle("test-1");
    await turn();
    expect(pool.stats()).toMatchObject({ workers: 2, available: 1 });
    worker!.crash();
    expect(await recycled).toBe("test-2");
    expect(launcher.launches).toHaveLength(2);
  });

  test("during its last calls loses them", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const running = failureOf(tracker(pool, launcher)().answer);
    const recycled = pool.recycle("test-1");
    await turn();
    launcher.workers[0]!.crash();
    expect((await running).code).toBe("WORKER_CRASHED");
    expect(await recycled).toBe("test-2");
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
  });

  test("just after it became the replacement leaves the old worker running until the next replacement", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    holdLaunches(launcher);
    const recycled = pool.recycle("test-1");
    await turn();
    launcher.pending[0]!.succeed().crash();
    await turn();
    expect(pool.workers()).toMatchObject([{ id: "test-1", state: "ready" }]);
    launcher.pending[0]!.succeed();
    expect(await recycled).toBe("test-3");
  });

  test("after it replaced another is replaced like any worker", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = tracker(pool, launcher);
    const running = call();
    const recycled = pool.recycle("test-1");
    await turn();
    launcher.workers[1]!.crash();
    await turn();
    expect(pool.stats()).toMatchObject({ workers: 2, available: 1 });
    await running.finish();
    expect(await recycled).toBe("test-2");
    expect(pool.workers().map(({ id }) => id)).toEqual(["test-3"]);
  });
});

describe("the signal", () => {
  test("stops the wait before the replacement starts", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const error = await failureOf(pool.recycle("test-1", { signal: AbortSignal.abort("no more") }));
    expect(error).toMatchObject({ code: "CANCELLED", cause: "no more", workerId: "test-1" });
    await turn();
    expect(launcher.launches).toHaveLength(1);
  });

  test("aborts the replacement if no other caller waits; the old worker stays", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    holdLaunches(launcher);
    const controllers = [new AbortController(), new AbortController()];
    const errors = controllers.map(({ signal }) => failureOf(pool.recycle("test-1", { signal })));
    await turn();
    controllers[0]!.abort();
    expect((await errors[0])!.code).toBe("CANCELLED");
    expect(launcher.pending).toHaveLength(1);
    controllers[1]!.abort();
    expect((await errors[1])!.code).toBe("CANCELLED");
    expect(launcher.launches[1]!.request.signal.aborted).toBe(true);
    await turn();
    expect(launcher.pending).toHaveLength(0);
    expect(pool.stats()).toMatchObject({ state: "ready", size: 1, workers: 1, starting: 0, available: 1 });
  });

  test("does not restore a worker that has been replaced", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const running = tracker(pool, launcher)();
    const controller = new AbortController();
    const error = failureOf(pool.recycle("test-1", { signal: controller.signal }));
    await turn();
    controller.abort();
    expect((await error).code).toBe("CANCELLED");
    await running.finish();
    await turn();
    expect(pool.workers().map(({ id }) => id)).toEqual(["test-2"]);
  });

  test("at the moment the replacement is ready does not lose it", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    // Aborts between the two: the replacement is ready, and the old worker is not draining yet.
    launcher.plan = (launch) => {
      const worker = launch.succeed();
      const { exited } = worker;
      Object.defineProperty(worker, "exited", {
        get: () => {
          controller.abort();
          return exited;
        },
      });
    };
    const error = failureOf(pool.recycle("test-1", { signal: controller.signal }));
    expect((await error).code).toBe("CANCELLED");
    await turn();
    expect(pool.workers().map(({ id }) => id)).toEqual(["test-2"]);
    expect(pool.stats()).toMatchObject({ workers: 1, available: 1 });
  });
});

describe("closing during recycling", () => {
  test("while the replacement starts", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 1 });
    holdLaunches(launcher);
    const error = failureOf(pool.recycle("test-1"));
    await turn();
    await pool.close();
    expect((await error).code).toBe("SHUTTING_DOWN");
    expect(launcher.launches[1]!.request.signal.aborted).toBe(true);
    expect(pool.stats()).toMatchObject({ workers: 0, starting: 0 });
    expect((await failureOf(pool.recycle("test-1"))).code).toBe("SHUTTING_DOWN");
  });

  test("while the old worker finishes its calls: they keep the pool's grace period", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 1, shutdownGraceMs: 400 });
    const running = failureOf(tracker(pool, launcher)().answer);
    const error = failureOf(pool.recycle("test-1"));
    await turn();
    const closed = pool.close();
    expect((await error).code).toBe("SHUTTING_DOWN");
    vi.advanceTimersByTime(401);
    expect((await running).code).toBe("SHUTTING_DOWN");
    await closed;
    expect(launcher.workers.map(({ gone }) => gone)).toEqual([true, true]);
  });
});
