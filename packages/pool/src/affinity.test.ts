import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Affinity } from "./pool-options.ts";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";
import { bindSession, fill, tracker } from "./testing/tracked-call.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const modes: readonly Affinity[] = ["hint", "strict-queue", "strict-fail"];

describe.each(modes)("with %s a session", (affinity) => {
  test("stays on its worker although another was used later", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 3, affinity });
    const call = tracker(pool, launcher);
    const [first, second] = [call({ sessionId: "a" }), call({ sessionId: "b" })];
    const [ofA, ofB] = [await first.finish(), await second.finish()];
    expect(ofA).not.toBe(ofB);
    for (let round = 0; round < 3; round++) {
      expect(await bindSession(call, "a")).toBe(ofA);
      expect(await bindSession(call, "b")).toBe(ofB);
    }
    expect([pool.lastWorkerOf("a"), pool.lastWorkerOf("b")]).toEqual([ofA.workerId, ofB.workerId]);
  });

  test("stays on its worker while that has room, although others have less load", async () => {
    const launcher = new FakeLauncher({ capacity: 2 });
    await using pool = await readyPool(launcher, { size: 2, affinity });
    const call = tracker(pool, launcher);
    const calls = [call({ sessionId: "a" }), call({ sessionId: "a" })];
    expect(calls[1]!.worker).toBe(calls[0]!.worker);
    for (const each of calls) await each.finish();
  });

  test("uses any worker for its first call, and waits for any when all are busy", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2, affinity });
    const call = tracker(pool, launcher);
    const [first, second] = fill(pool, call);
    const ofSession = call({ sessionId: "a" });
    const worker = await second!.finish();
    expect(ofSession.worker).toBe(worker);
    await Promise.all([first!.finish(), ofSession.finish()]);
  });

  test.each(["crashes", "is lost", "is recycled", "ends the session"])(
    "uses any other worker when its worker %s, and its next call succeeds",
    async (what) => {
      const launcher = new FakeLauncher();
      await using pool = await readyPool(launcher, { size: 2, affinity });
      const call = tracker(pool, launcher);
      const worker = await bindSession(call, "a");
      const busy = call({ sessionId: "a" });
      expect(busy.worker).toBe(worker);
      let recycled: Promise<unknown> | undefined;
      if (what === "crashes") {
        worker.crash();
      } else if (what === "is lost") {
        // Its calls fail before its exit is known.
        worker.stop = () => worker.exited;
        worker.calls[0]!.lose(new SnakepitError("WORKER_CRASHED", "connection lost"));
      } else if (what === "is recycled") {
        recycled = pool.recycle(worker.workerId);
        await turn();
      } else {
        pool.endSession("a");
      }
      expect(pool.lastWorkerOf("a")).toBeUndefined();
      const next = call({ sessionId: "a" });
      expect(next.worker).toBeDefined();
      expect(next.worker).not.toBe(worker);
      await next.finish();
      if (what === "is recycled" || what === "ends the session") await busy.finish();
      await recycled;
      worker.crash();
    },
  );
});

describe("hint", () => {
  test("uses another worker when its worker is busy, and stays on that one", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2 });
    const call = tracker(pool, launcher);
    const first = call({ sessionId: "a" });
    const second = call({ sessionId: "a" });
    const { worker } = second;
    expect(worker).not.toBe(first.worker);
    await first.finish();
    await second.finish();
    expect(await bindSession(call, "a")).toBe(worker);
  });

  test("uses the first worker that becomes free when all are busy", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2 });
    const call = tracker(pool, launcher);
    const own = await bindSession(call, "a");
    const busy = fill(pool, call);
    const waiting = call({ sessionId: "a" });
    const other = busy.find(({ worker }) => worker !== own)!;
    expect(await other.finish()).toBe(await waiting.finish());
    for (const each of busy) if (each !== other) await each.finish();
  });
});

describe("strict-fail", () => {
  test("fails at once when the worker is busy, and names the worker and the reason", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2, affinity: "strict-fail" });
    const call = tracker(pool, launcher);
    const running = call({ sessionId: "a" });
    const made = request("echo", { sessionId: "a" });
    const error = await failureOf(pool.execute(made));
    const { workerId } = running.worker!;
    expect(error).toMatchObject({
      code: "SESSION_WORKER_UNAVAILABLE",
      retryable: true,
      pool: "test",
      workerId,
      callId: made.correlationId,
      details: { sessionId: "a" },
    });
    expect(error.message).toBe(
      `call of tool "echo" in pool "test" was rejected: worker "${workerId}", which its session "a" is bound to, is busy; retry, or let the session wait or use other workers (affinity)`,
    );
    expect(pool.stats()).toMatchObject({ queued: 0, errors: 1, available: 1 });
    await running.finish();
    await bindSession(call, "a");
  });

  test("fails a call that waited for any worker if its session is bound to a busy one by then", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2, affinity: "strict-fail" });
    const call = tracker(pool, launcher);
    const [first, second] = fill(pool, call);
    const [mine, mineToo, other] = [call({ sessionId: "a" }), call({ sessionId: "a" }), call()];
    await first!.finish();
    const worker = await second!.finish();
    expect((await failureOf(mineToo.answer)).code).toBe("SESSION_WORKER_UNAVAILABLE");
    expect(other.worker).toBe(worker);
    await mine.finish();
    await other.finish();
  });

  test("lets a stream fail from its first chunk", async () => {
    const launcher = new FakeLauncher();
    await using pool = await readyPool(launcher, { size: 2, affinity: "strict-fail" });
    const running = tracker(pool, launcher)({ sessionId: "a" });
    const error = await failureOf(pool.stream(request("count", { sessionId: "a" })).next());
    expect(error.code).toBe("SESSION_WORKER_UNAVAILABLE");
    await running.finish();
  });
});

test("a call may specify another mode than its pool", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2, affinity: "strict-fail" });
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const waiting = call({ sessionId: "a", affinity: "strict-queue" });
  expect(waiting.worker).toBeUndefined();
  const elsewhere = call({ sessionId: "a", affinity: "hint" });
  expect(elsewhere.worker).not.toBe(running.worker);
  // The session is now bound to that worker; calls that wait for the other one still wait.
  expect((await failureOf(call({ sessionId: "a" }).answer)).workerId).toBe(elsewhere.worker!.workerId);
  expect(await running.finish()).toBe(waiting.worker);
  await elsewhere.finish();
  await waiting.finish();
});

test("the mode is ignored without a session", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2, affinity: "strict-fail" });
  const call = tracker(pool, launcher);
  const calls = [call(), call(), call({ affinity: "strict-queue" }), call()];
  expect(pool.stats()).toMatchObject({ active: 2, queued: 2 });
  for (const each of calls) await each.finish();
});
