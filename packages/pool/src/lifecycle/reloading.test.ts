import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { EventLog } from "../testing/event-log.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";
import { tracker } from "../testing/tracked-call.ts";

const broken = new SnakepitError("WORKER_START_FAILED", "SyntaxError: no", { startFailure: "permanent" });
const ids = (launcher: FakeLauncher) => launcher.alive.map(({ workerId }) => workerId);

test("one worker is replaced first; then the new code is adopted, and the others are replaced", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 3 }, events);
  launcher.plan = () => {};
  const reloaded = pool.reload();
  await turn();
  expect(launcher.pending.map((launch) => launch.request.renewal)).toEqual([launcher.renewals[0]]);
  expect(launcher.renewals[0]!.state).toBe("loaded");
  launcher.pending[0]!.succeed();
  await turn();
  expect(launcher.renewals[0]!.state).toBe("adopted");
  // A quarter of three workers is one at a time.
  for (let other = 0; other < 2; other += 1) {
    expect(launcher.pending.map((launch) => launch.request.renewal)).toEqual([undefined]);
    launcher.pending[0]!.succeed();
    await turn();
  }
  await reloaded;
  expect(ids(launcher)).toEqual(["test-4", "test-5", "test-6"]);
  expect(events.of("worker.recycled").map(({ reason }) => reason)).toEqual(["reload", "reload", "reload"]);
  expect(events.of("pool.reloaded")).toMatchObject([{ pool: "test", workers: 3 }]);
});

test("calls continue on workers that are being replaced, and end there", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  const call = tracker(pool, launcher);
  const running = [call(), call()];
  const reloaded = pool.reload();
  await turn();
  expect(pool.workers().filter(({ state }) => state === "draining")).toHaveLength(2);
  for (const each of running) await each.finish();
  await reloaded;
  expect(ids(launcher)).toEqual(["test-3", "test-4"]);
  expect(pool.stats()).toMatchObject({ errors: 0, workers: 2, recycled: 2 });
});

test("code that cannot be loaded changes nothing", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 }, events);
  launcher.renewalError = broken;
  expect(await failureOf(pool.reload())).toMatchObject({ code: "WORKER_START_FAILED", pool: "test" });
  expect(ids(launcher)).toEqual(["test-1", "test-2"]);
  expect(pool.stats().state).toBe("ready");
  expect(events.of("pool.reload-failed")).toMatchObject([{ error: { message: "SyntaxError: no" } }]);
});

test("code whose first worker cannot start is discarded, and later workers run the earlier code", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  launcher.plan = (launch) => (launch.request.renewal === undefined ? launch.succeed() : launch.fail(broken));
  expect((await failureOf(pool.reload())).code).toBe("WORKER_START_FAILED");
  expect(launcher.renewals[0]!.state).toBe("discarded");
  expect(ids(launcher)).toEqual(["test-1", "test-2"]);
  launcher.workers[0]!.crash();
  await turn();
  expect(launcher.launches.at(-1)!.request.renewal).toBeUndefined();
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 2 });
});

test("a worker that starts meanwhile with the earlier code is started again", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  launcher.plan = (launch) => {
    if (launch.request.renewal !== undefined) launch.succeed();
  };
  launcher.workers[1]!.crash();
  await turn();
  const [old] = launcher.pending;
  const reloaded = pool.reload();
  await turn();
  expect(old!.request.signal.aborted).toBe(true);
  expect(launcher.pending).toHaveLength(1);
  launcher.pending[0]!.succeed();
  await reloaded;
  await turn();
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 2 });
});

test("without a ready worker, the new code is adopted at once, and delayed starts are made", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1, backoff: { initialMs: 60_000, maxMs: 60_000 } });
  launcher.plan = (launch) => launch.fail(broken);
  launcher.workers[0]!.crash();
  await turn();
  expect(pool.stats()).toMatchObject({ state: "degraded", workers: 0, starting: 0 });
  launcher.plan = (launch) => launch.succeed();
  await pool.reload();
  await turn();
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 1 });
  expect(launcher.renewals[0]!.state).toBe("adopted");
});

test("one reload follows a running one, however often it is requested", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  await Promise.all([pool.reload(), pool.reload(), pool.reload(), pool.reload()]);
  expect(launcher.renewals.map(({ state }) => state)).toEqual(["adopted", "adopted"]);
  expect(ids(launcher)).toEqual(["test-3"]);
});

test("when another worker cannot start, its old worker stays in service, and the reload fails", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 });
  launcher.plan = (launch) => (launch.request.renewal === undefined ? launch.fail(broken) : launch.succeed());
  expect((await failureOf(pool.reload())).code).toBe("WORKER_START_FAILED");
  expect(ids(launcher)).toEqual(["test-2", "test-3"]);
  launcher.plan = (launch) => launch.succeed();
  await pool.reload();
  expect(pool.stats()).toMatchObject({ state: "ready", workers: 2 });
  expect(ids(launcher)).not.toContain("test-2");
});

test("closing the pool ends a reload", async () => {
  const events = new EventLog();
  const launcher = new FakeLauncher();
  const pool = await readyPool(launcher, { size: 1 }, events);
  launcher.plan = () => {};
  const failed = failureOf(pool.reload());
  await turn();
  await pool.close();
  expect((await failed).code).toBe("SHUTTING_DOWN");
  expect(launcher.renewals[0]!.state).toBe("discarded");
  expect(events.of("pool.reload-failed")).toEqual([]);
  expect((await failureOf(pool.reload())).code).toBe("SHUTTING_DOWN");
});

test("a session continues on a worker with the new code", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 1 });
  await pool.execute(request("echo", { sessionId: "s" }));
  await pool.reload();
  await pool.execute(request("echo", { sessionId: "s", affinity: "strict-fail" }));
  expect(pool.lastWorkerOf("s")).toBe("test-2");
});
