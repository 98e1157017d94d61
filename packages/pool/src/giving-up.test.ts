import { deadlineIn, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("by abort", () => {
  test("before the call: nothing is queued", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher);
    const reason = new Error("changed my mind");
    const error = await failureOf(pool.execute(request("echo", { signal: AbortSignal.abort(reason) })));
    expect(error).toMatchObject({ code: "CANCELLED", cause: reason, pool: "test" });
    expect(launcher.workers.flatMap((worker) => worker.received)).toEqual([]);
  });

  test("in the queue: the call is never executed", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const first = pool.execute(request());
    const controller = new AbortController();
    const second = failureOf(pool.execute(request("sleep", { signal: controller.signal })));
    const third = pool.execute(request());
    controller.abort("too late");
    expect(await second).toMatchObject({ code: "CANCELLED", cause: "too late" });
    const [worker] = launcher.workers;
    worker!.calls[0]!.value(1);
    worker!.calls[0]!.value(3);
    expect(await Promise.all([first, third])).toEqual([1, 3]);
    expect(worker!.received.map((call) => call.tool)).toEqual(["echo", "echo"]);
  });

  test("while it runs: the caller receives the error at once, and the worker is free when it answers", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    const call = failureOf(pool.execute(request("echo", { signal: controller.signal })));
    controller.abort();
    expect(await call).toMatchObject({ code: "CANCELLED", workerId: "test-1" });
    const [worker] = launcher.workers;
    expect(worker!.calls[0]!.cancelled).toBe("cancelled");
    expect(pool.stats()).toMatchObject({ busy: 1, available: 0 });
    worker!.calls[0]!.value("all the same");
    expect(pool.stats()).toMatchObject({ busy: 0, available: 1, errors: 1 });
    expect(worker!.stops).toEqual([]);
  });

  test("all calls of one signal, queued and running, settle", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2 });
    const controller = new AbortController();
    const calls = Array.from({ length: 50 }, () =>
      failureOf(pool.execute(request("echo", { signal: controller.signal }))),
    );
    controller.abort();
    const codes = (await Promise.all(calls)).map((error) => error.code);
    expect(new Set(codes)).toEqual(new Set(["CANCELLED"]));
    await turn();
    expect(pool.stats()).toMatchObject({ busy: 0, queued: 0, available: 2 });
    expect(launcher.workers.flatMap((worker) => worker.received)).toHaveLength(2);
  });
});

describe("by deadline", () => {
  test("a failure of the tool at the moment of the deadline is attributed to the deadline", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const late = new SnakepitError("PYTHON_EXCEPTION", "a nested call was late");
    setTimeout(() => launcher.workers[0]!.calls[0]!.fail(late), 10);
    const call = failureOf(pool.execute(request("echo", { deadline: deadlineIn(10) })));
    vi.advanceTimersByTime(10);
    expect((await call).code).toBe("DEADLINE_EXCEEDED");
  });

  test("that has passed already: nothing is queued", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher);
    expect((await failureOf(pool.execute(request("echo", { deadline: deadlineIn(0) })))).code).toBe(
      "DEADLINE_EXCEEDED",
    );
    expect(launcher.workers.flatMap((worker) => worker.received)).toEqual([]);
  });

  test("while it runs: the worker receives the reason", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const call = failureOf(pool.execute(request("echo", { deadline: deadlineIn(250) })));
    vi.advanceTimersByTime(249);
    expect(launcher.workers[0]!.calls[0]!.cancelled).toBeUndefined();
    vi.advanceTimersByTime(2);
    expect(launcher.workers[0]!.calls[0]!.cancelled).toBe("deadline");
    expect((await call).message).toContain("running when its deadline passed");
    await turn();
    expect(pool.stats()).toMatchObject({ busy: 0, available: 1 });
  });

  const located = new SnakepitError("DEADLINE_EXCEEDED", "was not done by its deadline", {
    python: { type: "Cancelled", module: "snakepit_bridge", message: "", traceback: "in wait_for_ever", notes: [] },
  });

  test("while it runs: the error shows where the tool was, as soon as the worker reports it (E14)", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const call = failureOf(pool.execute(request("echo", { deadline: deadlineIn(250) })));
    vi.advanceTimersByTime(251);
    launcher.workers[0]!.calls[0]!.fail(located);
    expect(await call).toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: expect.stringContaining("running when its deadline passed"),
      details: { stack: "in wait_for_ever" },
      python: { traceback: "in wait_for_ever" },
      workerId: "test-1",
    });
    expect(pool.stats()).toMatchObject({ busy: 0, available: 1, errors: 1 });
  });

  test("while it runs on an unresponsive worker: the error still arrives soon, then the worker is replaced (E14)", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1, cancelGraceMs: 1_000 });
    const call = failureOf(pool.execute(request("echo", { deadline: deadlineIn(250) })));
    vi.advanceTimersByTime(251 + 200);
    const { code, details } = await call;
    expect(code).toBe("DEADLINE_EXCEEDED");
    expect(details).not.toHaveProperty("stack");
    const [worker] = launcher.workers;
    expect(worker!.stops).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(worker!.stops).toEqual([0]);
  });

  test("while it runs on a worker that then dies: the error is DEADLINE_EXCEEDED (E14)", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const call = failureOf(pool.execute(request("echo", { deadline: deadlineIn(250) })));
    vi.advanceTimersByTime(251);
    launcher.workers[0]!.crash();
    expect((await call).code).toBe("DEADLINE_EXCEEDED");
  });

  test("while it runs: a caller that aborts then receives its answer at once (E14)", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1 });
    const controller = new AbortController();
    const options = { deadline: deadlineIn(250), signal: controller.signal };
    const call = failureOf(pool.execute(request("echo", options)));
    vi.advanceTimersByTime(251);
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
    launcher.workers[0]!.calls[0]!.fail(located);
    expect(pool.stats()).toMatchObject({ busy: 0, available: 1, errors: 1 });
  });

  test("covers queueing and execution together", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const first = pool.execute(request());
    const second = failureOf(pool.execute(request("echo", { deadline: deadlineIn(1_000) })));
    vi.advanceTimersByTime(900);
    const [worker] = launcher.workers;
    worker!.calls[0]!.value(1);
    expect(worker!.calls).toHaveLength(1);
    vi.advanceTimersByTime(101);
    expect((await second).code).toBe("DEADLINE_EXCEEDED");
    expect(await first).toBe(1);
  });

  test("in the queue, before the queue time-out", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const first = pool.execute(request());
    const second = failureOf(pool.execute(request("echo", { deadline: deadlineIn(1_000) })));
    vi.advanceTimersByTime(1_001);
    expect((await second).message).toContain("still waiting for a worker when its deadline passed");
    const [worker] = launcher.workers;
    worker!.calls[0]!.value(1);
    expect(await first).toBe(1);
    expect(worker!.received).toHaveLength(1);
  });

  test("that passed while the timers were late does not run", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const first = pool.execute(request());
    const second = failureOf(pool.execute(request("echo", { deadline: deadlineIn(1_000) })));
    // The clock continues, but the event loop is busy: no timer fires.
    const now = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(now + 2_000);
    launcher.workers[0]!.calls[0]!.value(1);
    clock.mockRestore();
    expect((await second).code).toBe("DEADLINE_EXCEEDED");
    expect(await first).toBe(1);
    expect(launcher.workers[0]!.received).toHaveLength(1);
  });
});

describe("by the queue's timeout", () => {
  test("the pool's, or the call's own", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, queueTimeoutMs: 500 });
    const first = pool.execute(request());
    const patient = failureOf(pool.execute(request("echo", { queueTimeoutMs: 2_000 })));
    const usual = failureOf(pool.execute(request()));
    vi.advanceTimersByTime(501);
    const error = await usual;
    expect(error).toMatchObject({ code: "QUEUE_TIMEOUT", retryable: true });
    expect(error.message).toContain("within 500 ms (ready workers: 1, queued calls: 2)");
    expect(pool.stats()).toMatchObject({ queued: 1, queueTimeouts: 1 });
    vi.advanceTimersByTime(1_500);
    expect((await patient).message).toContain("2000 ms");
    launcher.workers[0]!.calls[0]!.value(1);
    expect(await first).toBe(1);
  });

  test("ends once the call runs", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, queueTimeoutMs: 500 });
    const first = pool.execute(request());
    const second = pool.execute(request("echo", { deadline: deadlineIn(10_000) }));
    vi.advanceTimersByTime(400);
    const [worker] = launcher.workers;
    worker!.calls[0]!.value(1);
    vi.advanceTimersByTime(5_000);
    worker!.calls[0]!.value(2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });
});

describe("a worker that ignores cancellation", () => {
  test("is killed after the grace period and replaced", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    await using pool = await readyPool(launcher, { size: 1, cancelGraceMs: 300 });
    const controller = new AbortController();
    const call = failureOf(pool.execute(request("echo", { signal: controller.signal })));
    const queued = pool.execute(request());
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
    vi.advanceTimersByTime(299);
    expect(launcher.workers[0]!.stops).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(launcher.workers[0]!.stops).toEqual([0]);
    await turn();
    expect(launcher.workers).toHaveLength(2);
    launcher.workers[1]!.calls[0]!.value("after all");
    expect(await queued).toBe("after all");
    expect(pool.stats()).toMatchObject({ workers: 1, busy: 0, available: 1, state: "ready" });
  });
});
