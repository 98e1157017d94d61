import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { EventLog } from "../testing/event-log.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";
import { tracker } from "../testing/tracked-call.ts";

const ids = (launcher: FakeLauncher) => launcher.alive.map(({ workerId }) => workerId);

test("a pool gets more workers, and the promise resolves when they are ready", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 }, events);
  launcher.plan = () => {};
  const resized = pool.resize(3);
  await turn();
  expect(launcher.pending).toHaveLength(2);
  expect(pool.stats()).toMatchObject({ size: 3, workers: 1, starting: 2 });
  launcher.pending[0]!.succeed();
  await turn();
  launcher.pending[0]!.succeed();
  await resized;
  expect(pool.stats()).toMatchObject({ size: 3, workers: 3, starting: 0 });
  expect(events.of("pool.resized")).toEqual([{ pool: "test", from: 1, to: 3, reason: "requested" }]);
});

test("idle workers are removed first; a busy one finishes its calls, and takes no others", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 3 });
  const call = tracker(pool, launcher);
  const [first, second] = [call(), call()];
  const busy = [first.worker!.workerId, second.worker!.workerId];
  await pool.resize(2);
  expect(ids(launcher).sort()).toEqual(busy.sort());
  const resized = pool.resize(1);
  let done = false;
  void resized.then(() => {
    done = true;
  });
  await turn();
  expect(
    pool
      .workers()
      .map(({ state }) => state)
      .sort(),
  ).toEqual(["draining", "ready"]);
  expect(done).toBe(false);
  const draining = pool.workers().find(({ state }) => state === "draining")!.id;
  const [leaving, staying] = first.worker!.workerId === draining ? [first, second] : [second, first];
  await leaving.finish();
  await resized;
  expect(ids(launcher)).toEqual([staying.worker!.workerId]);
  await staying.finish();
  const last = call();
  expect(last.worker!.workerId).toBe(ids(launcher)[0]);
  await last.finish();
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1, crashed: 0 });
});

test("a worker that is starting is not waited for when it has become surplus", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  launcher.plan = () => {};
  const grown = pool.resize(2);
  await turn();
  const [launch] = launcher.pending;
  await pool.resize(1);
  // The number of workers is the intended one again.
  await grown;
  expect(launch!.request.signal.aborted).toBe(true);
  expect(launcher.pending).toHaveLength(0);
  expect(pool.stats()).toMatchObject({ state: "ready", size: 1, workers: 1, starting: 0 });
});

test("a replacement and its worker count once", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  launcher.plan = () => {};
  const recycled = pool.recycle("test-1");
  await turn();
  expect(launcher.pending).toHaveLength(1);
  await pool.resize(2);
  expect(ids(launcher)).toEqual(["test-1", "test-2"]);
  launcher.pending[0]!.succeed();
  expect(await recycled).toBe("test-3");
  expect(ids(launcher)).toEqual(["test-2", "test-3"]);
  expect(pool.stats()).toMatchObject({ size: 2, workers: 2, starting: 0 });
});

test("a worker that is no longer needed is not replaced", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  launcher.plan = () => {};
  const recycled = Promise.all([failureOf(pool.recycle("test-2")), pool.recycle("test-1")]);
  await turn();
  const call = tracker(pool, launcher);
  const busy = call();
  expect(busy.worker!.workerId).toBe("test-1");
  await pool.resize(1);
  expect(ids(launcher)).toEqual(["test-1"]);
  await turn();
  expect(launcher.pending).toHaveLength(1);
  launcher.pending[0]!.succeed();
  await busy.finish();
  const [error, replacement] = await recycled;
  expect(error).toMatchObject({ code: "CANCELLED", message: expect.stringContaining("was made smaller") });
  expect(ids(launcher)).toEqual([replacement]);
});

test("a worker that crashes while the pool shrinks is not replaced", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  const call = tracker(pool, launcher);
  const calls = [call(), call()];
  const resized = pool.resize(1);
  await turn();
  const draining = launcher.alive.find(({ workerId }) =>
    pool.workers().some(({ id, state }) => id === workerId && state === "draining"),
  );
  draining!.crash({ signal: "SIGSEGV" });
  await resized;
  await turn();
  expect(pool.stats()).toMatchObject({ size: 1, workers: 1, starting: 0 });
  for (const each of calls) if (each.worker?.gone === false) await each.finish();
});

test("a size that cannot be reached rejects with the cause, and stays the intended one", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const broken = new SnakepitError("WORKER_START_FAILED", "no memory", { startFailure: "permanent" });
  launcher.plan = (launch) => launch.fail(broken);
  const error = await failureOf(pool.resize(2));
  expect(error).toMatchObject({ code: "WORKER_START_FAILED", message: "no memory" });
  expect(pool.stats()).toMatchObject({ size: 2, workers: 1 });
});

test("resizing stops when its signal aborts; the pool still gets the size", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  launcher.plan = () => {};
  const aborter = new AbortController();
  const resized = failureOf(pool.resize(2, { signal: aborter.signal }));
  await turn();
  aborter.abort();
  expect((await resized).code).toBe("CANCELLED");
  launcher.pending[0]!.succeed();
  await turn();
  expect(pool.stats().workers).toBe(2);
});

test("a closed pool is not resized", async () => {
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 1 });
  await pool.close();
  expect((await failureOf(pool.resize(2))).code).toBe("SHUTTING_DOWN");
});

test("a drained worker finishes its calls, takes no others, and another one starts in its place", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const call = tracker(pool, launcher);
  const running = call();
  const drained = pool.drain("test-1");
  const waiting = call();
  await turn();
  expect(launcher.launches).toHaveLength(1);
  expect(waiting.worker).toBeUndefined();
  await running.finish();
  await drained;
  await turn();
  expect(ids(launcher)).toEqual(["test-2"]);
  expect(waiting.worker!.workerId).toBe("test-2");
  await waiting.finish();
  expect((await failureOf(pool.drain("test-1"))).code).toBe("INVALID_ARGUMENT");
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 1, crashed: 0, recycled: 0 });
});

test("a call that outlasts the grace period of a drain is lost", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const lost = failureOf(pool.execute(request()));
  await pool.drain("test-1", { graceMs: 5 });
  expect(await lost).toMatchObject({ code: "WORKER_CRASHED", details: { recycled: true } });
});
