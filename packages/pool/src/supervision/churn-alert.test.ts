import { type Instrumentation, noInstrumentation, SnakepitError, type SnakepitEvents } from "@snakepit/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";

type Churning = SnakepitEvents["pool.churning"];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function churningPool(churn?: { readonly maxReplaced: number | undefined; readonly withinMs: number }) {
  const launcher = new FakeLauncher({ ignoresCancel: true });
  const reports: Churning[] = [];
  const instrumentation: Instrumentation = {
    ...noInstrumentation,
    emit: (name, event) => {
      if (name === "pool.churning") reports.push(event as Churning);
    },
  };
  const options = { size: 2, cancelGraceMs: 10, restart: { maxRestarts: 10_000, withinMs: 1 }, churn };
  const pool = await readyPool(launcher, options, instrumentation);
  const crash = async (exit = {}) => {
    // After its first call a crash is not a failed start, which would delay the replacement.
    const answer = pool.execute(request());
    const worker = launcher.alive.find(({ calls }) => calls.length > 0);
    worker?.calls[0]?.value(1);
    await answer;
    worker?.crash(exit);
    await vi.advanceTimersByTimeAsync(0);
    await pool.ready();
  };
  return { pool, launcher, reports, crash };
}

test("more replaced workers than the limit are reported once per episode, with the number of each reason", async () => {
  const { pool, launcher, reports, crash } = await churningPool({ maxReplaced: 3, withinMs: 60_000 });
  await crash({ signal: "SIGSEGV" });
  await crash({ exitCode: 3 });
  await crash({ signal: "SIGKILL", cause: new SnakepitError("OUT_OF_MEMORY", "no memory") });
  expect(reports).toEqual([]);
  await pool.recycle(pool.workers()[0]?.id as string);
  const reasons = { SIGSEGV: 1, "exit status 3": 1, OUT_OF_MEMORY: 1, recycled: 1 };
  expect(reports).toEqual([{ pool: "test", replaced: 4, withinMs: 60_000, reasons }]);
  for (let round = 0; round < 5; round++) await crash({ signal: "SIGSEGV" });
  expect(reports).toHaveLength(1);
  // The episode ends when only few are replaced within the period.
  await vi.advanceTimersByTimeAsync(60_000);
  for (let round = 0; round < 3; round++) await crash({ signal: "SIGABRT" });
  expect(reports).toHaveLength(1);
  await crash({ signal: "SIGABRT" });
  expect(reports).toMatchObject([{}, { replaced: 4, reasons: { SIGABRT: 4 } }]);
  expect(launcher.alive).toHaveLength(2);
  await pool.close();
});

test("a worker that does not stop a cancelled call counts", async () => {
  const { pool, reports } = await churningPool({ maxReplaced: 1, withinMs: 60_000 });
  for (let round = 0; round < 2; round++) {
    const abort = new AbortController();
    const cancelled = failureOf(pool.execute(request("echo", { signal: abort.signal })));
    abort.abort();
    await cancelled;
    await vi.advanceTimersByTimeAsync(100);
    await pool.ready();
  }
  expect(reports).toEqual([{ pool: "test", replaced: 2, withinMs: 60_000, reasons: { unresponsive: 2 } }]);
  await pool.close();
});

test("by default, twice the size and at least 10 workers are not reported, and neither is closing the pool", async () => {
  const { pool, reports, crash } = await churningPool();
  for (let round = 0; round < 10; round++) await crash({ signal: "SIGSEGV" });
  expect(reports).toEqual([]);
  await crash({ signal: "SIGSEGV" });
  expect(reports).toMatchObject([{ replaced: 11, withinMs: 300_000 }]);
  await pool.close();
  await turn();
  expect(reports).toHaveLength(1);
});
