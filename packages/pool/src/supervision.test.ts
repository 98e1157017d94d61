import { type EventName, type Instrumentation, SnakepitError, type SnakepitEvents } from "@snakepit/core";
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
class Events implements Instrumentation {
  readonly log: { readonly [Name in EventName]: readonly [Name, SnakepitEvents[Name]] }[EventName][] = [];
  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.log.push([name, event] as never);
  }
  startCall(): undefined {}
  names(): EventName[] {
    return this.log.map(([name]) => name).filter((name) => name !== "pool.state");
  }
  /** Returns the states of the pool, in order. */
  states(): string[] {
    return this.log.flatMap(([name, event]) =>
      name === "pool.state" ? [(event as SnakepitEvents["pool.state"]).to] : [],
    );
  }
}

async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await turn();
}

describe("a worker that crashes", () => {
  test("fails its call, with signal and last lines of stderr, and is replaced at once", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const made = request();
    const call = failureOf(pool.execute(made));
    const queued = pool.execute(request());
    const [worker] = launcher.workers;
    worker!.exit({ requested: false, signal: "SIGSEGV", stderrTail: "the pipe burst\n" });
    const error = await call;
    expect(error).toMatchObject({
      code: "WORKER_CRASHED",
      retryable: true,
      pool: "test",
      workerId: "test-1",
      callId: made.correlationId,
      details: { signal: "SIGSEGV", stderrTail: "the pipe burst\n", pid: worker!.pid },
    });
    expect(error.message).toMatch(/"echo".*"test-1" \(pid 1000\) died: it was terminated by SIGSEGV.*the pipe burst/s);
    await turn();
    expect(launcher.workers).toHaveLength(2);
    launcher.workers[1]!.calls[0]!.value("unharmed");
    expect(await queued).toBe("unharmed");
  });

  test("receives no further call once a call has failed with its loss, even before its exit is known", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const [worker] = launcher.workers;
    worker!.stop = () => worker!.exited;
    const call = failureOf(pool.execute(request()));
    const next = pool.execute(request());
    worker!.calls[0]!.lose(new SnakepitError("WORKER_CRASHED", "connection lost"));
    expect(await call).toMatchObject({ code: "WORKER_CRASHED", message: "connection lost" });
    expect(worker!.received).toHaveLength(1);
    worker!.crash();
    await turn();
    launcher.workers[1]!.calls[0]!.value("safe");
    expect(await next).toBe("safe");
  });

  test("at its first call is replaced at once each time, and the state shows when no worker is ready (H11)", async () => {
    const events = new Events();
    const launcher = new FakeLauncher();
    await using pool = await readyPool(
      launcher,
      { size: 1, restart: { maxRestarts: 100_000, withinMs: 60_000 } },
      events,
    );
    const begin = performance.now();
    for (let round = 0; round < 50; round++) {
      const call = failureOf(pool.execute(request()));
      launcher.plan = () => {};
      launcher.alive[0]!.crash();
      expect((await call).code).toBe("WORKER_CRASHED");
      await turn();
      expect(pool.stats()).toMatchObject({ state: "starting", workers: 0, starting: 1 });
      launcher.pending[0]!.succeed();
      await turn();
      expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
    }
    expect(performance.now()).toBe(begin);
    expect(events.states().slice(0, 6)).toEqual(["starting", "ready", "starting", "ready", "starting", "ready"]);
  });

  test("before its first call, repeatedly, leaves the pool degraded between attempts (H11)", async () => {
    const events = new Events();
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, backoff: { initialMs: 1_000, maxMs: 30_000 } }, events);
    for (let crash = 0; crash < 2; crash++) {
      launcher.alive[0]!.crash();
      await turn();
    }
    expect(pool.stats()).toMatchObject({ state: "degraded", workers: 0, starting: 0 });
    expect(events.log.at(-1)).toMatchObject(["pool.state", { from: "ready", to: "degraded" }]);
    expect(events.names()).toContain("pool.degraded");
    await advance(1_001);
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
    expect(events.names()).toContain("pool.recovered");
  });

  test("without having answered a call is replaced after increasing delays", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1, backoff: { initialMs: 100, maxMs: 300 } });
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      launcher.alive[0]!.crash();
      const begin = performance.now();
      await turn();
      while (launcher.alive.length === 0) await advance(1);
      delays.push(performance.now() - begin);
    }
    expect(delays[0]).toBe(0);
    for (const [round, most] of [100, 200, 300, 300].entries()) {
      expect(delays[round + 1]).toBeGreaterThanOrEqual(most / 2);
      expect(delays[round + 1]).toBeLessThanOrEqual(most + 1);
    }
    expect(pool.stats().state).toBe("ready");
  });

  test("without having answered a call, while others have, is replaced at once", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2 });
    const [steady] = launcher.workers;
    for (let round = 0; round < 20; round++) {
      const calls = [pool.execute(request()), pool.execute(request())];
      steady!.calls[0]!.value("fine");
      launcher.alive.find((worker) => worker !== steady)!.crash();
      expect(await Promise.allSettled(calls)).toHaveLength(2);
      await turn();
      expect(launcher.alive).toHaveLength(2);
    }
  });

  test("after it answered calls is replaced at once each time", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value("fine") });
    await using pool = await readyPool(launcher, { size: 1, restart: { maxRestarts: 2, withinMs: 60_000 } });
    for (let round = 0; round < 30; round++) {
      expect(await pool.execute(request())).toBe("fine");
      launcher.alive[0]!.crash();
      await turn();
      expect(launcher.alive).toHaveLength(1);
    }
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
  });
});

test.each(["WORKER_CRASHED", "OUT_OF_MEMORY", "PROTOCOL_MISMATCH"] as const)(
  "a worker lost for %s fails its own call and no queued ones",
  async (code) => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 1 });
    const taken = failureOf(pool.execute(request()));
    const waiting = [pool.execute(request()), pool.execute(request())];
    const lost = launcher.alive[0]!;
    lost.crash({ cause: new SnakepitError(code, "it is gone") });
    expect(await taken).toMatchObject({ code });
    for (const call of waiting) {
      await turn();
      launcher.alive[0]!.calls[0]!.value("done");
      expect(await call).toBe("done");
    }
    expect(lost.received).toHaveLength(1);
  },
);

describe("too many failures", () => {
  const options = { size: 2, restart: { maxRestarts: 3, withinMs: 10_000 }, backoff: { initialMs: 1, maxMs: 4_000 } };

  test("make the pool degraded; it reports the cause, uses its remaining workers, and recovers", async () => {
    const events = new Events();
    const launcher = new FakeLauncher({ run: (call) => call.value("still here") });
    await using pool = await readyPool(launcher, options, events);
    expect(await pool.execute(request())).toBe("still here");
    const crashing = launcher.workers.find((worker) => worker.received.length === 0)!;
    crashing.crash();
    for (let round = 0; round < 3; round++) {
      await advance(10);
      launcher.alive.find((worker) => worker.received.length === 0)!.crash();
    }
    await turn();
    expect(pool.stats()).toMatchObject({ state: "degraded", workers: 1 });
    expect(events.log.findLast(([name]) => name === "pool.degraded")).toMatchObject([
      "pool.degraded",
      { pool: "test", cause: { code: "WORKER_CRASHED" } },
    ]);
    expect(await pool.execute(request())).toBe("still here");
    await advance(1_999);
    expect(launcher.alive).toHaveLength(1);
    await advance(2_002);
    expect(launcher.alive).toHaveLength(2);
    expect(pool.stats().state).toBe("degraded");
    await advance(6_100);
    expect(pool.stats()).toMatchObject({ state: "ready", workers: 2 });
    expect(events.names()).toContain("pool.recovered");
    await pool.ready();
  });

  test("without a worker left fail new and queued calls at once with the cause", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { ...options, size: 1 });
    launcher.plan = (launch) => launch.fail(flaky);
    launcher.alive[0]!.crash();
    await turn();
    const queued = failureOf(pool.execute(request()));
    await advance(10);
    expect(await queued).toMatchObject({ code: "POOL_NOT_READY", cause: { message: "it exited with status 9" } });
    expect(await failureOf(pool.execute(request()))).toMatchObject({ code: "POOL_NOT_READY" });
    const tried = launcher.launches.length;
    await advance(20_000);
    const slowly = launcher.launches.length - tried;
    expect(slowly).toBeGreaterThanOrEqual(5);
    expect(slowly).toBeLessThanOrEqual(10);
  });
});

describe("a pool that has lost its workers to a fault", () => {
  const options = { size: 2, restart: { maxRestarts: 3, withinMs: 10_000 }, backoff: { initialMs: 1, maxMs: 30_000 } };

  /** A pool that waits between attempts because all have failed. */
  async function brokenPool(launcher: FakeLauncher) {
    const pool = await readyPool(launcher, options);
    launcher.plan = (launch) => launch.fail(flaky);
    for (const worker of launcher.alive) worker.crash();
    await advance(500);
    expect(pool.stats()).toMatchObject({ state: "degraded", workers: 0, starting: 0 });
    return pool;
  }

  test("starts one for a queued call once the fault is fixed (H12)", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value("back") });
    await using pool = await brokenPool(launcher);
    launcher.plan = (launch) => launch.succeed();
    const call = pool.execute(request());
    await advance(1);
    expect(await call).toBe("back");
    expect(pool.stats()).toMatchObject({ workers: 1 });
  });

  test("fails the call with the cause while the fault persists, with at most four attempts per second (H12)", async () => {
    const launcher = new FakeLauncher();
    await using pool = await brokenPool(launcher);
    const before = launcher.launches.length;
    for (let call = 0; call < 1_000; call++) {
      const error = failureOf(pool.execute(request()));
      await advance(1);
      expect(await error).toMatchObject({ code: "POOL_NOT_READY", cause: { message: flaky.message } });
    }
    const attempts = launcher.launches.length - before;
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect(attempts).toBeLessThanOrEqual(5);
  });

  test("lets calls wait for the current attempt (H12)", async () => {
    const launcher = new FakeLauncher({ run: (call) => call.value("back") });
    await using pool = await brokenPool(launcher);
    launcher.plan = () => {};
    const first = pool.execute(request());
    await advance(1);
    expect(pool.stats()).toMatchObject({ state: "degraded", starting: 1, queued: 1 });
    const second = pool.execute(request());
    await advance(400);
    expect(launcher.pending).toHaveLength(1);
    launcher.pending[0]!.succeed();
    expect(await Promise.all([first, second])).toEqual(["back", "back"]);
  });

  test("starts no worker for a call once it is closing (H12)", async () => {
    const launcher = new FakeLauncher();
    const pool = await brokenPool(launcher);
    const call = failureOf(pool.execute(request()));
    const launches = launcher.launches.length;
    await pool.close();
    expect((await call).code).toBe("SHUTTING_DOWN");
    await advance(1_000);
    expect(launcher.launches).toHaveLength(launches);
  });
});

test("a pool that cannot start does not affect another pool", async () => {
  const bad = startedPool(new FakeLauncher({}, (launch) => launch.fail(flaky)), { name: "bad" });
  const good = startedPool(new FakeLauncher({ run: (call) => call.value("good") }), { name: "good" });
  expect((await failureOf(bad.ready())).pool).toBe("bad");
  await good.ready();
  expect(await good.execute(request())).toBe("good");
  await Promise.all([bad.close(), good.close()]);
});

test("workers() lists each worker", async () => {
  const launcher = new FakeLauncher({ capacity: 3 });
  await using pool = await readyPool(launcher, { size: 2 });
  const call = pool.execute(request());
  launcher.workers.find((worker) => worker.calls.length === 1)!.vitals = {
    rssBytes: 7_000_000,
    lastProgressMs: 30,
    active: 1,
    receivedAt: performance.now(),
  };
  await advance(500);
  const infos = pool.workers().sort((a, b) => b.load - a.load);
  expect(infos).toMatchObject([
    {
      state: "ready",
      load: 1,
      capacity: 3,
      ageMs: 500,
      requests: 1,
      rssBytes: 7_000_000,
      activity: "busy",
      sinceProgressMs: 530,
    },
    { state: "ready", load: 0, capacity: 3, ageMs: 500, requests: 0, rssBytes: undefined, activity: "idle" },
  ]);
  expect(new Set(infos.map((info) => info.id))).toEqual(new Set(["test-1", "test-2"]));
  expect(new Set(infos.map((info) => info.pid))).toEqual(new Set([1_000, 1_001]));
  for (const worker of launcher.workers) for (const held of [...worker.calls]) held.value(1);
  await call;
});

test("events report starts, readiness and exits", async () => {
  const events = new Events();
  const launcher = new FakeLauncher({}, (launch, index) => (index === 0 ? launch.fail(flaky) : launch.succeed()));
  const pool = await readyPool(launcher, { size: 1 }, events);
  launcher.alive[0]!.crash({ exitCode: 3 });
  await advance(101);
  await pool.close();
  await turn();
  expect(events.names()).toEqual([
    "worker.starting",
    "worker.start-failed",
    "worker.starting",
    "worker.ready",
    "pool.ready",
    "worker.exited",
    "pool.degraded",
    "worker.starting",
    "worker.ready",
    "pool.recovered",
    "worker.exited",
  ]);
  expect(events.states()).toEqual(["starting", "ready", "degraded", "ready", "closing"]);
  expect(events.log.filter(([name]) => name === "worker.starting")[1]).toMatchObject([
    "worker.starting",
    { workerId: "test-2", attempt: 2 },
  ]);
  expect(events.log.find(([name]) => name === "worker.exited")).toMatchObject([
    "worker.exited",
    { workerId: "test-2", pid: 1_000, exit: { exitCode: 3 } },
  ]);
});
