import { type CallLineage, deadlineIn } from "@snakepit/core";
import { expect, test } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";
import { tracker } from "./testing/tracked-call.ts";

const outer: CallLineage = { correlationId: "outer", pool: "test", tool: "plan", parent: undefined };

test("an observation lists the running calls of each worker, and the queue", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1, queueLimit: 7 });
  const call = tracker(pool, launcher);
  const first = call({ sessionId: "a", parent: outer });
  const second = call();
  await turn();
  const { queue, workers } = pool.observe();
  expect(queue).toEqual({ length: 1, limit: 7, oldestMs: expect.any(Number) });
  expect(queue.oldestMs).toBeGreaterThan(0);
  expect(workers).toHaveLength(1);
  expect(workers[0]?.calls).toEqual([
    {
      tool: "echo",
      correlationId: first.id,
      sessionId: "a",
      parentCorrelationId: "outer",
      streaming: false,
      state: "running",
      since: expect.any(Number),
      durationMs: expect.any(Number),
      queueMs: 0,
    },
  ]);
  expect(Math.abs((workers[0]?.calls[0]?.since ?? 0) - Date.now())).toBeLessThan(60_000);
  await first.finish();
  const [worker] = pool.observe().workers;
  expect(worker).toMatchObject({ waited: 1, calls: [{ correlationId: second.id }] });
  expect(worker?.calls[0]?.queueMs).toBe(worker?.waitedMs);
  expect(worker?.executedMs).toBeGreaterThan(0);
  await second.finish();
  expect(pool.observe()).toMatchObject({ queue: { length: 0, oldestMs: 0 }, workers: [{ calls: [], load: 0 }] });
});

test("a call that does not stop is cancelling, and a call ahead has not begun", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true, maxAhead: 4 });
  await using pool = await readyPool(launcher, { size: 1, cancelGraceMs: 600_000 });
  const measured = pool.execute(request());
  launcher.workers[0]?.calls[0]?.value(undefined, 0.02);
  await measured;
  const controller = new AbortController();
  const cancelled = failureOf(pool.execute(request("echo", { signal: controller.signal })));
  const ahead = tracker(pool, launcher)({ deadline: deadlineIn(60_000) });
  expect(pool.observe().workers[0]?.calls).toMatchObject([
    { state: "running" },
    { state: "ahead", correlationId: ahead.id, remainingMs: expect.any(Number) },
  ]);
  controller.abort();
  await cancelled;
  expect(pool.observe().workers[0]?.calls[0]).toMatchObject({ state: "cancelling" });
  for (const { calls } of launcher.workers) for (const call of [...calls]) call.value(undefined);
  await ahead.finish();
});

test("the debug state is JSON data about slots, queues and affinities", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const call = tracker(pool, launcher);
  const first = call({ sessionId: "a" });
  const second = call({ parent: outer });
  const state = pool.debug();
  expect(JSON.parse(JSON.stringify(state))).toMatchObject({
    state: "ready",
    slots: [{ is: "ready", workerId: first.worker?.workerId, active: 1, standing: "busy", version: 0 }],
    queued: [{ correlationId: second.id, parent: "outer" }],
    affinities: { a: first.worker?.workerId },
  });
  await first.finish();
  await second.finish();
});

test("stacks of an unknown worker, and of a kind of worker without stacks, are rejected", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const unknown = await failureOf(pool.readStacks("missing-1", { timeoutMs: 1_000 }));
  expect(unknown).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining('"missing-1"') });
  const [worker] = launcher.workers;
  const error = await failureOf(pool.readStacks(worker?.workerId ?? "", { timeoutMs: 1_000 }));
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("without stacks") });
});
