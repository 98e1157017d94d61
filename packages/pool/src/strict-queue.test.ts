import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";
import { bindSession, fill, type TrackedCall, tracker } from "./testing/tracked-call.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const options = { size: 2, affinity: "strict-queue" } as const;

test("waits for the worker while others are free, and is served in order of arrival", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const calls = [1, 2, 3].map(() => call({ sessionId: "a" }));
  const { worker } = calls[0]!;
  expect(pool.stats()).toMatchObject({ queued: 2, available: 1 });
  for (const each of calls) expect(await each.finish()).toBe(worker);
});

test("a worker that becomes free takes the oldest call of its queue and the common queue", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const own = await bindSession(call, "a");
  const busy = fill(pool, call);
  const waiting = [
    call(),
    call({ sessionId: "a" }),
    call({ sessionId: "a" }),
    call(),
    call({ sessionId: "a" }),
    call(),
  ];
  let held: TrackedCall | undefined = busy.find(({ worker }) => worker === own);
  const served: number[] = [];
  while (held !== undefined) {
    await held.finish();
    held = waiting.find(({ worker }) => worker === own);
    if (held !== undefined) served.push(waiting.indexOf(held));
  }
  expect(served).toEqual([0, 1, 2, 3, 4, 5]);
  for (const each of busy) if (each.worker !== undefined) await each.finish();
});

test.each([
  [4, 1],
  [1, 4],
])("%d callers of one session and %d without a session are served in turn", async (ofSession, without) => {
  const launcher = new FakeLauncher({ run: (call) => setImmediate(() => call.value(1)) });
  await using pool = await readyPool(launcher, { ...options, size: 1 });
  const served: string[] = [];
  const caller = async (name: string, sessionId?: string) => {
    while (served.length < 100) {
      await pool.execute(request("echo", { sessionId }));
      served.push(name);
    }
  };
  await Promise.all([
    ...Array.from({ length: ofSession }, (_, index) => caller(`session ${index}`, "a")),
    ...Array.from({ length: without }, (_, index) => caller(`other ${index}`)),
  ]);
  const callers = [...new Set(served)];
  expect(callers).toHaveLength(5);
  for (const name of callers) expect(served.slice(0, 100).filter((each) => each === name)).toHaveLength(20);
});

test("all calls of a new session go to the worker of its first call", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { ...options, size: 3 });
  const call = tracker(pool, launcher);
  const busy = fill(pool, call);
  const mine = [call({ sessionId: "a" }), call({ sessionId: "a" })];
  const other = call();
  mine.push(call({ sessionId: "a" }));
  const worker = await busy[0]!.finish();
  expect(mine[0]!.worker).toBe(worker);
  // This worker has skipped the next two calls of the session.
  expect(other.worker).toBeUndefined();
  expect(await busy[1]!.finish()).toBe(other.worker);
  mine.push(call({ sessionId: "a" }));
  await busy[2]!.finish();
  expect(pool.stats()).toMatchObject({ queued: 3, available: 1 });
  for (const each of mine) expect(await each.finish()).toBe(worker);
  await other.finish();
});

test("when the worker is removed, calls that waited for it return to their order of arrival", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const [first, second] = fill(pool, call);
  const { worker: goes } = first!;
  const { worker: stays } = second!;
  const [ofGoing, ofStaying] = [call({ sessionId: "goes" }), call({ sessionId: "stays" })];
  await first!.finish();
  await second!.finish();
  expect([ofGoing.worker, ofStaying.worker]).toEqual([goes, stays]);
  const waiting = [
    call(),
    call({ sessionId: "goes" }),
    call({ sessionId: "stays" }),
    call({ sessionId: "goes" }),
    call(),
  ];
  expect(pool.occupancy().queued.map(({ waitsFor }) => waitsFor)).toEqual([
    undefined,
    undefined,
    goes!.workerId,
    goes!.workerId,
    stays!.workerId,
  ]);
  // No replacement starts for now.
  launcher.plan = () => {};
  goes!.crash();
  await turn();
  expect(pool.stats()).toMatchObject({ queued: 5, workers: 1 });
  const served: number[] = [];
  for (let held: TrackedCall | undefined = ofStaying; held !== undefined; ) {
    await held.finish();
    held = waiting.find(({ worker }) => worker === stays);
    if (held !== undefined) served.push(waiting.indexOf(held));
  }
  expect(served).toEqual([0, 1, 2, 3, 4]);
});

test("when the worker is removed while others are idle, its waiting calls run there at once", async () => {
  const launcher = new FakeLauncher({ capacity: 2 });
  await using pool = await readyPool(launcher, { ...options, size: 3 });
  const call = tracker(pool, launcher);
  const held = [call({ sessionId: "a" }), call({ sessionId: "a" })];
  const { worker } = held[0]!;
  const waiting = [call({ sessionId: "a" }), call({ sessionId: "a" }), call({ sessionId: "a" })];
  expect(pool.stats()).toMatchObject({ queued: 3, available: 2 });
  launcher.plan = () => {};
  worker!.crash();
  const next = waiting[0]!.worker;
  expect(next).not.toBe(worker);
  expect(waiting.map((each) => each.worker)).toEqual([next, next, undefined]);
  expect(pool.lastWorkerOf("a")).toBe(next!.workerId);
  for (const each of waiting) await each.finish();
});

test("calls that wait for one worker count toward the queue limit; free workers still receive calls", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { ...options, queueLimit: 1 });
  const call = tracker(pool, launcher);
  const calls = [call({ sessionId: "a" }), call({ sessionId: "a" })];
  expect((await failureOf(call({ sessionId: "a" }).answer)).code).toBe("POOL_SATURATED");
  const other = call();
  expect(other.worker).toBeDefined();
  expect((await failureOf(call().answer)).code).toBe("POOL_SATURATED");
  expect(pool.stats()).toMatchObject({ queued: 1, saturated: 2 });
  for (const each of [...calls, other]) await each.finish();
});

test("the error of a call that waits too long for its worker names that worker", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const waiting = failureOf(call({ sessionId: "a", queueTimeoutMs: 300 }).answer);
  vi.advanceTimersByTime(301);
  const { workerId } = running.worker!;
  const error = await waiting;
  expect(error).toMatchObject({ code: "QUEUE_TIMEOUT", details: { waitedFor: workerId, queueTimeoutMs: 300 } });
  expect(error.message).toContain(`waited 300 ms for worker "${workerId}", which its session "a" is bound to`);
  expect(pool.stats()).toMatchObject({ queued: 0, queueTimeouts: 1 });
  await running.finish();
});

test("a call that is cancelled while it waits for its worker is never executed", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const controller = new AbortController();
  const aborted = failureOf(call({ sessionId: "a", signal: controller.signal }).answer);
  const late = failureOf(call({ sessionId: "a", deadline: performance.now() + 50 }).answer);
  const last = call({ sessionId: "a" });
  controller.abort();
  vi.advanceTimersByTime(51);
  expect((await aborted).code).toBe("CANCELLED");
  expect((await late).code).toBe("DEADLINE_EXCEEDED");
  const worker = await running.finish();
  await last.finish();
  expect(worker.received).toHaveLength(2);
});

test("a call whose deadline passes unnoticed is not executed", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const late = call({ sessionId: "a", deadline: performance.now() + 50 });
  const now = performance.now();
  const clock = vi.spyOn(performance, "now").mockReturnValue(now + 60);
  const worker = await running.finish();
  clock.mockRestore();
  expect((await failureOf(late.answer)).code).toBe("DEADLINE_EXCEEDED");
  expect(worker.received).toHaveLength(1);
});

test("close() also fails calls that wait for one worker", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, options);
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const waiting = failureOf(call({ sessionId: "a" }).answer);
  const closed = pool.close();
  expect((await waiting).code).toBe("SHUTTING_DOWN");
  await running.finish();
  await closed;
});
