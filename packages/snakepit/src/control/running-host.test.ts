import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Snakepit, SnakepitError } from "../index.ts";
import { answering, commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { findControlSockets } from "./socket/control-address.ts";

const options = commonOptions();

test("a host is inspected with its pools, workers and calls", async () => {
  const launcher = answering(() => {});
  await using pit = await Snakepit.start({
    ...options(),
    pools: {
      ml: { ...LONG_TIME_LIMITS, worker: fakeWorkers(launcher), size: 2, queueLimit: 10 },
      web: { worker: fakeWorkers(), size: 1 },
    },
  });
  await pit.ready();
  const calls = Array.from({ length: 3 }, () => failure(pit.execute("add", {}, { pool: "ml" })));
  const { pools, totals, host } = await pit.inspect();
  expect(host).toMatchObject({ runId: pit.runId, pid: process.pid, versions: { node: process.versions.node } });
  expect(totals).toMatchObject({ workers: 3, capacity: { total: 3, used: 2, available: 1 }, queued: 1, requests: 3 });
  expect(pools).toMatchObject([
    {
      name: "ml",
      state: "ready",
      worker: { language: "fake", target: "fake workers" },
      size: 2,
      sizeRange: { min: 2, max: 2 },
      workers: { running: 2, busy: 2, available: 0, stuck: 0 },
      capacity: { total: 2, used: 2 },
      utilization: 1,
      queue: { length: 1, limit: 10 },
      saturation: { saturated: true, threshold: 0.8, queueUtilization: 0.1 },
    },
    { name: "web", utilization: 0, queue: { length: 0 } },
  ]);
  expect(JSON.parse(JSON.stringify(pools))).toEqual(pools);
  expect((await pit.inspect({ pool: "web" })).pools).toHaveLength(1);
  expect(await pit.saturation(0.5)).toMatchObject([{ pool: "ml", threshold: 0.5, saturated: true }, { pool: "web" }]);
  await until("the queue is recommended to be shorter", async () =>
    (await pit.recommendations()).some(({ pool, reasons }) => pool === "ml" && reasons.length > 0),
  );
  const { pools: states } = await pit.debug();
  expect(Object.keys(states)).toEqual(["ml", "web"]);
  const control = await pit.control();
  const [worker] = await control.workers({ pool: "ml" });
  expect(worker).toMatchObject({ pool: "ml", calls: [{ tool: "add", state: "running" }] });
  await pit.close({ graceMs: 0 });
  for (const call of calls) expect((await call).code).toBe("SHUTTING_DOWN");
});

test("mistakes are named", async () => {
  await using pit = await Snakepit.start({ ...options(), worker: fakeWorkers(), size: 1 });
  const [worker] = pit.workers();
  const mistakes = [
    [pit.inspect({ pool: "ml" }), "UNKNOWN_POOL", 'unknown pool "ml"'],
    [pit.inspect({ saturationThreshold: 80 }), "INVALID_ARGUMENT", "saturationThreshold must be a number above 0"],
    [pit.inspect({ pol: "ml" } as never), "INVALID_ARGUMENT", "did you mean pool?"],
    [pit.saturation(0), "INVALID_ARGUMENT", "threshold must be a number above 0 and up to 1; got 0"],
    [pit.stacks("missing-1"), "INVALID_ARGUMENT", 'unknown worker "missing-1"'],
    [pit.stacks(worker?.id ?? ""), "INVALID_ARGUMENT", "of a kind without stacks"],
    [pit.stacks(worker?.id ?? "", { timeoutMs: "soon" as never }), "INVALID_ARGUMENT", "timeoutMs"],
  ] as const;
  for (const [promise, code, message] of mistakes) {
    expect(await failure(promise)).toMatchObject({ code, message: expect.stringContaining(message) });
  }
});

test("the stacks of a worker of a closed host are rejected with the state of the host", async () => {
  const pit = await Snakepit.start({ ...options(), worker: fakeWorkers(), size: 1 });
  const [worker] = pit.workers();
  await pit.close();
  expect(await failure(pit.stacks(worker?.id ?? ""))).toMatchObject({
    code: "SHUTTING_DOWN",
    message: "the host is closing and no longer has the worker; start another one",
  });
});

test("events of the host are streamed until it closes", async () => {
  const pit = await Snakepit.start({ ...options(), worker: fakeWorkers(), size: 1 });
  const events = (await pit.control()).events({ names: ["pool.state", "worker.exited"] });
  await pit.close();
  const names = [];
  for await (const item of events) if (item.is === "event") names.push(item.name);
  expect(names).toContain("pool.state");
  const late = (await pit.control()).events();
  expect(await late.next()).toEqual({ done: true, value: undefined });
});

test("controlSocket: false opens no socket", async () => {
  await using pit = await Snakepit.start({ ...options(), worker: fakeWorkers(), size: 1, controlSocket: false });
  expect(findControlSockets().filter(({ runId }) => runId === pit.runId)).toEqual([]);
  expect((await pit.inspect()).pools).toHaveLength(1);
});

test("a failed start leaves no socket", async () => {
  const directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  const failing = fakeWorkers();
  failing.createLauncher = async () => ({
    launch: () => Promise.reject(new SnakepitError("WORKER_START_FAILED", "no worker", { startFailure: "permanent" })),
    close: async () => {},
  });
  const config = { ...options(), worker: failing, size: 1, socketDirectory: directory };
  expect((await failure(Snakepit.start(config))).message).toBe("no worker");
  expect(readdirSync(directory)).toEqual([]);
  rmdirSync(directory);
});
