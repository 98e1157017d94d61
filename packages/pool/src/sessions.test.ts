import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { readyPool, request, turn } from "./testing/pool-under-test.ts";
import { tracker } from "./testing/tracked-call.ts";

/** Returns the number of sessions of each worker, by its ID. */
function counted(pool: Awaited<ReturnType<typeof readyPool>>): Record<string, number> {
  return Object.fromEntries(pool.workers().map(({ id, sessions }) => [id, sessions]));
}

test("the end of a session is reported to the workers that executed a call of it, and to no other", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 3 });
  const call = tracker(pool, launcher);
  const calls = [call({ sessionId: "a" }), call({ sessionId: "a" }), call({ sessionId: "b" })];
  const [first, second, third] = calls.map(({ worker }) => worker!);
  for (const each of calls) await each.finish();
  await call({ sessionId: "a" }).finish();
  pool.endSession("a");
  expect([first, second, third].map((worker) => worker!.endedSessions)).toEqual([["a"], ["a"], []]);
  expect(pool.lastWorkerOf("a")).toBeUndefined();
  expect(pool.lastWorkerOf("b")).toBe(third!.workerId);
  pool.endSession("a");
  pool.endSession("never seen");
  expect(first!.endedSessions).toEqual(["a"]);
});

test("a session that is used again after its end is a new one", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const call = tracker(pool, launcher);
  const worker = await call({ sessionId: "a" }).finish();
  pool.endSession("a");
  await call({ sessionId: "a" }).finish();
  pool.endSession("a");
  expect(worker.endedSessions).toEqual(["a", "a"]);
});

test("stale variables are reported to the workers of the session, including draining ones", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const old = running.worker!;
  const [other] = launcher.workers.filter((worker) => worker !== old);
  const recycled = pool.recycle(old.workerId);
  await turn();
  expect(pool.workers().find(({ id }) => id === old.workerId)?.state).toBe("draining");
  pool.invalidate("a", ["t", "u"]);
  pool.invalidate("a");
  expect(old.invalidations).toEqual([["a", ["t", "u"]], ["a"]]);
  expect(other!.invalidations).toEqual([]);
  pool.endSession("a");
  expect(old.endedSessions).toEqual(["a"]);
  await running.finish();
  await recycled;
});

test("the statistics of a worker count its sessions", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 1 });
  for (const sessionId of ["a", "b", "a", "c", undefined]) await pool.execute(request("echo", { sessionId }));
  expect(counted(pool)).toEqual({ "test-1": 3 });
  pool.endSession("b");
  expect(counted(pool)).toEqual({ "test-1": 2 });
});

test("the state of a dead worker is removed", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  const call = tracker(pool, launcher);
  const calls = [call({ sessionId: "a" }), call({ sessionId: "a" })];
  const [first, second] = calls.map(({ worker }) => worker!);
  for (const each of calls) await each.finish();
  second!.crash();
  await turn();
  expect(pool.lastWorkerOf("a")).toBeUndefined();
  expect(counted(pool)).toEqual({ [first!.workerId]: 1, "test-3": 0 });
  pool.endSession("a");
  expect(first!.endedSessions).toEqual(["a"]);
  expect(second!.endedSessions).toEqual([]);
});

test("the state of ended sessions is removed, also when their workers die first", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 4 });
  const use = (from: number) =>
    Promise.all(Array.from({ length: 400 }, (_, n) => pool.execute(request("echo", { sessionId: `${from + n}` }))));
  await use(0);
  for (let n = 0; n < 400; n++) pool.endSession(`${n}`);
  expect(Object.values(counted(pool))).toEqual([0, 0, 0, 0]);
  await use(400);
  const known = () => Array.from({ length: 800 }, (_, n) => pool.lastWorkerOf(`${n}`)).filter((id) => id !== undefined);
  expect(known()).toHaveLength(400);
  await Promise.all(launcher.alive.map(({ workerId }) => pool.recycle(workerId)));
  expect(known()).toEqual([]);
  expect(Object.values(counted(pool))).toEqual([0, 0, 0, 0]);
});

test("queued calls are not executed if their session ends with an error", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const call = tracker(pool, launcher);
  const running = call({ sessionId: "a" });
  const error = new SnakepitError("UNKNOWN_SESSION", "it has ended", { details: { sessionId: "a" } });
  const waiting = [
    pool.execute(request("echo", { sessionId: "a" })),
    pool.execute(request("echo", { sessionId: "a", affinity: "strict-queue" })),
    pool.execute(request("echo", { sessionId: "b" })),
  ] as const;
  const outcomes = Promise.allSettled(waiting.slice(0, 2));
  pool.endSession("a", error);
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "UNKNOWN_SESSION", pool: "test" } });
  }
  expect(pool.stats()).toMatchObject({ queued: 1, active: 1 });
  await running.finish();
  expect(pool.stats()).toMatchObject({ queued: 0, active: 1 });
  await pool.close({ graceMs: 0 });
  await expect(waiting[2]).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});
