import { type CallLineage, SnakepitError } from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
import { failureOf, readyPool, request } from "@snakepit/pool/testing/pool-under-test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DeadlockDetector } from "./deadlock-detector.ts";

let launcher: FakeLauncher;
let pool: WorkerPool;
let detector: DeadlockDetector;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  launcher = new FakeLauncher();
  pool = await readyPool(launcher, { size: 2, queueTimeoutMs: 3_600_000 });
  detector = new DeadlockDetector(new Map([["test", pool]]));
});
afterEach(async () => {
  detector.close();
  const closed = pool.close({ graceMs: 0 });
  await vi.advanceTimersByTimeAsync(1_000);
  await closed;
  vi.useRealTimers();
});

/** Makes a call from outside, which receives a worker. */
function callFromOutside(tool: string): { readonly lineage: CallLineage; readonly answer: Promise<unknown> } {
  const call = request(tool);
  const answer = pool.execute(call);
  answer.catch(() => {});
  return { answer, lineage: { correlationId: call.correlationId, pool: "test", tool, parent: undefined } };
}

/** Makes a nested call for which no worker is free; resolves with its error. */
function callOnBehalfOf(parent: CallLineage): Promise<SnakepitError> {
  return failureOf(pool.execute(request("echo", { parent })));
}

function workerOf(tool: string) {
  const worker = launcher.workers.find(({ calls }) => calls.some((call) => call.tool === tool));
  if (worker === undefined) throw new Error(`no worker executes ${tool}`);
  return worker;
}

test("a deadlock that arises when a worker is lost and cannot be replaced is found", async () => {
  const { lineage } = callFromOutside("echo");
  callFromOutside("sleep");
  const inner = callOnBehalfOf(lineage);
  launcher.plan = () => {};
  workerOf("sleep").crash();
  // A worker is starting, and the call may receive it.
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pool.stats()).toMatchObject({ starting: 1, queued: 1 });
  launcher.pending[0]?.fail(new SnakepitError("PROTOCOL_MISMATCH", "another version", { startFailure: "permanent" }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(pool.stats()).toMatchObject({ state: "degraded", queued: 0 });
  expect(await inner).toMatchObject({ code: "POOL_SATURATED", details: { deadlock: ["echo"] } });
});

test.each([
  ["does not start", () => launcher.pending[0]?.fail(new SnakepitError("WORKER_START_FAILED", "no memory"))],
  ["is no longer needed", (givingUp: AbortController) => givingUp.abort()],
])("a deadlock is found when the replacement of a worker %s", async (_, endOfStart) => {
  launcher.plan = () => {};
  const givingUp = new AbortController();
  const recycled = failureOf(pool.recycle(pool.workers()[0]?.id ?? "", { signal: givingUp.signal }));
  const calls = [callFromOutside("echo"), callFromOutside("sleep")].map(({ lineage }) => callOnBehalfOf(lineage));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pool.stats()).toMatchObject({ starting: 1, queued: 2 });
  endOfStart(givingUp);
  await recycled;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(pool.stats()).toMatchObject({ starting: 0, queued: 1 });
  expect(await Promise.race(calls)).toMatchObject({ code: "POOL_SATURATED" });
});

test("the detector does not check without nested calls, and checks rarely during a long wait", async () => {
  const checks = vi.spyOn(pool, "occupancy");
  const { lineage } = callFromOutside("echo");
  callFromOutside("sleep");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(checks).not.toHaveBeenCalled();
  callOnBehalfOf(lineage).catch(() => {});
  await vi.advanceTimersByTimeAsync(10_000);
  expect(checks.mock.calls.length).toBeGreaterThan(5);
  expect(checks.mock.calls.length).toBeLessThan(15);
  workerOf("sleep").calls[0]?.value(1);
  await vi.advanceTimersByTimeAsync(1_000);
  checks.mockClear();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(checks).not.toHaveBeenCalled();
});
