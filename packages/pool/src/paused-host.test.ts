import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";

/** Blocks the event loop. Like SIGSTOP, this makes timers late. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a worker has all of cancelGraceMs again after the host did not run, and is stopped if it does not use it", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true });
  const cancelGraceMs = 300;
  await using pool = await readyPool(launcher, { size: 1, cancelGraceMs });
  const controller = new AbortController();
  const call = failureOf(pool.execute(request("echo", { signal: controller.signal })));
  controller.abort();
  expect((await call).code).toBe("CANCELLED");
  block(1_500);
  const [worker] = launcher.workers;
  const resumedAt = performance.now();
  expect(pool.workers()[0]).toMatchObject({ activity: "stuck", load: 1 });
  while (worker!.stops.length === 0) await sleep(5);
  expect(performance.now() - resumedAt).toBeGreaterThanOrEqual(cancelGraceMs - 1);
  expect(worker!.stops).toEqual([0]);
});

test("a draining worker may finish its calls after the host did not run", async () => {
  const launcher = new FakeLauncher({ ignoresCancel: true });
  await using pool = await readyPool(launcher, { size: 1 });
  const call = pool.execute(request("echo"));
  const [worker] = launcher.workers;
  const recycled = pool.recycle(worker!.workerId, { graceMs: 1_000 });
  await turn();
  expect(pool.workers()).toContainEqual(expect.objectContaining({ id: worker!.workerId, state: "draining" }));
  block(2_000);
  // The first timers after the pause.
  await sleep(1);
  expect(pool.workers()).toContainEqual(expect.objectContaining({ id: worker!.workerId, state: "draining" }));
  worker!.calls[0]!.value("finished");
  expect(await call).toBe("finished");
  expect(await recycled).toBe("test-2");
});
