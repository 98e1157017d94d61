import { describe, expect, test } from "vitest";
import type { PoolCall } from "./pool-call.ts";
import type { PoolOptions } from "./pool-options.ts";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import type { FakeWorker } from "./testing/fake-worker.ts";
import { TOOLS } from "./testing/fake-worker.ts";
import { failureOf, readyPool, request, startedPool, turn } from "./testing/pool-under-test.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** Returns the settings of a pool whose tool `sleep` has a limit. */
function limited(maxConcurrent: number): Pick<PoolOptions, "tools"> {
  return { tools: { sleep: { maxConcurrent, timeoutMs: undefined, idempotent: undefined } } };
}

/** Makes calls, and returns their outcomes. */
function calls(pool: WorkerPool, tool: string, count: number, options: Partial<PoolCall> = {}) {
  return Array.from({ length: count }, () => {
    const made = request(tool, options);
    const answer = pool.execute(made);
    answer.catch(() => {});
    return { id: made.correlationId, answer };
  });
}

/** Returns the correlation IDs of the calls of a tool at the workers, in the order of the workers. */
function running(launcher: FakeLauncher, tool: string): string[] {
  return launcher.alive.flatMap((worker) => held(worker, tool).map(({ call }) => call.correlationId));
}

function held(worker: FakeWorker, tool: string) {
  return worker.calls.filter((call) => call.tool === tool);
}

function answer(launcher: FakeLauncher, id: string): void {
  const call = launcher.alive.flatMap((worker) => worker.calls).find((each) => each.call.correlationId === id);
  if (call === undefined) throw new Error(`no worker has call ${id}`);
  call.value(id);
}

describe("a tool with a limit", () => {
  test("runs so many calls at a time, in order of arrival, and delays no calls of other tools", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 4, ...limited(2) });
    const sleeps = calls(pool, "sleep", 5);
    const others = calls(pool, "echo", 3);
    const ids = sleeps.map(({ id }) => id);
    expect(running(launcher, "sleep").sort()).toEqual(ids.slice(0, 2).sort());
    expect(running(launcher, "echo")).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ active: 4, queued: 4, available: 0 });
    // The worker that is free now takes the call of the other tool, although three calls came before it.
    answer(launcher, (others[0] as { id: string }).id);
    expect(running(launcher, "echo")).toContain(others[2]?.id);
    for (const [index, id] of ids.entries()) {
      expect(running(launcher, "sleep")).toContain(id);
      expect(running(launcher, "sleep").length).toBeLessThanOrEqual(2);
      answer(launcher, id);
      expect(await sleeps[index]?.answer).toBe(id);
      await turn();
    }
    expect(pool.stats()).toMatchObject({ queued: 0 });
    await pool.close({ graceMs: 0 });
  });

  test("lets its next call start on another free worker when a worker dies", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 3, ...limited(1) });
    const [first, second] = calls(pool, "sleep", 2);
    launcher.plan = () => {};
    launcher.alive.find((worker) => worker.calls.length > 0)?.crash();
    expect((await failureOf(first?.answer as Promise<unknown>)).code).toBe("WORKER_CRASHED");
    await turn();
    expect(running(launcher, "sleep")).toEqual([second?.id]);
    await pool.close({ graceMs: 0 });
  });

  test("lets its next call start on a free worker when a worker that is being replaced has finished", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 2, ...limited(1) });
    const [first, second] = calls(pool, "sleep", 2);
    const old = pool.workers().find(({ load }) => load === 1)?.id as string;
    const recycled = pool.recycle(old);
    await turn();
    expect(pool.workers().find(({ id }) => id === old)).toMatchObject({ state: "draining", load: 1 });
    answer(launcher, first?.id as string);
    await turn();
    expect(running(launcher, "sleep")).toEqual([second?.id]);
    await recycled;
    await pool.close({ graceMs: 0 });
  });

  test("lets its next call start when a call that only waited for the worker of its session is given up", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 2, ...limited(1) });
    calls(pool, "echo", 1, { sessionId: "s" });
    const abort = new AbortController();
    const strict = { sessionId: "s", affinity: "strict-queue", signal: abort.signal } as const;
    const [bound] = calls(pool, "sleep", 1, strict);
    const [next] = calls(pool, "sleep", 1);
    expect(pool.stats()).toMatchObject({ available: 1, queued: 2 });
    abort.abort();
    expect((await failureOf(bound?.answer as Promise<unknown>)).code).toBe("CANCELLED");
    await turn();
    expect(running(launcher, "sleep")).toEqual([next?.id]);
    await pool.close({ graceMs: 0 });
  });

  test("counts calls that their callers gave up until their worker has answered", async () => {
    const launcher = new FakeLauncher({ ignoresCancel: true });
    const pool = await readyPool(launcher, { size: 2, ...limited(1) });
    const abort = new AbortController();
    const [first] = calls(pool, "sleep", 1, { signal: abort.signal });
    const [second] = calls(pool, "sleep", 1);
    abort.abort();
    expect((await failureOf(first?.answer as Promise<unknown>)).code).toBe("CANCELLED");
    await turn();
    expect(running(launcher, "sleep")).toEqual([first?.id]);
    answer(launcher, first?.id as string);
    await turn();
    expect(running(launcher, "sleep")).toEqual([second?.id]);
    await pool.close({ graceMs: 0 });
  });

  test("keeps the place of a call that was held back and given up free for the next one", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 3, ...limited(1) });
    const [first] = calls(pool, "sleep", 1);
    const abort = new AbortController();
    const [second] = calls(pool, "sleep", 1, { signal: abort.signal });
    const [third] = calls(pool, "sleep", 1);
    abort.abort();
    expect((await failureOf(second?.answer as Promise<unknown>)).code).toBe("CANCELLED");
    answer(launcher, first?.id as string);
    await turn();
    expect(running(launcher, "sleep")).toEqual([third?.id]);
    await pool.close({ graceMs: 0 });
  });

  test("counts its waiting calls in queueLimit", async () => {
    const pool = await readyPool(new FakeLauncher(), { size: 4, queueLimit: 2, ...limited(1) });
    calls(pool, "sleep", 3);
    expect((await failureOf(pool.execute(request("sleep")))).code).toBe("POOL_SATURATED");
    // A call of another tool that finds a free worker needs no place in the queue.
    calls(pool, "echo", 1);
    expect(pool.stats()).toMatchObject({ active: 2, queued: 2, saturated: 1 });
    await pool.close({ graceMs: 0 });
  });

  test("counts the wait in queueTimeoutMs, and the error names the limit", async () => {
    const pool = await readyPool(new FakeLauncher(), { size: 4, queueTimeoutMs: 20, ...limited(1) });
    calls(pool, "sleep", 1);
    const error = await failureOf(pool.execute(request("sleep")));
    expect(error).toMatchObject({ code: "QUEUE_TIMEOUT", details: { maxConcurrent: 1 } });
    expect(error.message).toBe(
      'call of tool "sleep" in pool "test" waited 20 ms because another call of its tool was running (maxConcurrent); increase maxConcurrent or queueTimeoutMs',
    );
    expect(pool.stats()).toMatchObject({ queued: 0, queueTimeouts: 1 });
    await pool.close({ graceMs: 0 });
  });

  test("holds back the calls of a batch outside of the queue", async () => {
    const launcher = new FakeLauncher();
    const pool = await readyPool(launcher, { size: 4, queueLimit: 1, ...limited(1) });
    const batch = calls(pool, "sleep", 6, { batch: { executionMs: 60_000 } });
    expect(pool.stats()).toMatchObject({ active: 1, queued: 0 });
    for (const { id, answer: answered } of batch) {
      await turn();
      expect(running(launcher, "sleep")).toEqual([id]);
      answer(launcher, id);
      expect(await answered).toBe(id);
    }
    await pool.close({ graceMs: 0 });
  });

  test("is not sent ahead, while other tools are", async () => {
    const launcher = new FakeLauncher({ maxAhead: 8, startsByHand: true });
    const pool = await readyPool(launcher, { size: 1, prefetch: 4, ...limited(3) });
    calls(pool, "echo", 1);
    calls(pool, "sleep", 1);
    expect(launcher.alive[0]?.ahead).toHaveLength(0);
    await pool.close({ graceMs: 0 });
  });

  test("rejects its waiting calls when the pool closes", async () => {
    const pool = await readyPool(new FakeLauncher(), { size: 2, ...limited(1) });
    const [, second] = calls(pool, "sleep", 2);
    const closed = pool.close({ graceMs: 0 });
    expect((await failureOf(second?.answer as Promise<unknown>)).code).toBe("SHUTTING_DOWN");
    await closed;
    expect(pool.stats()).toMatchObject({ queued: 0, active: 0 });
  });
});

test("a limit that the workers report applies to the calls that were made before the first worker was ready", async () => {
  const tools = TOOLS.map((tool) => (tool.name === "sleep" ? { ...tool, maxConcurrent: 1 } : tool));
  const launcher = new FakeLauncher({ tools });
  launcher.plan = () => {};
  const pool = startedPool(launcher, { size: 2 });
  const sleeps = calls(pool, "sleep", 3);
  for (const launch of launcher.pending) launch.succeed();
  await pool.ready();
  await turn();
  expect(running(launcher, "sleep")).toEqual([sleeps[0]?.id]);
  expect(pool.tools().find(({ name }) => name === "sleep")).toMatchObject({ maxConcurrent: 1 });
  await pool.close({ graceMs: 0 });
});

test("the limit of the pool takes precedence over that of the workers", async () => {
  const tools = TOOLS.map((tool) => (tool.name === "sleep" ? { ...tool, maxConcurrent: 1 } : tool));
  const launcher = new FakeLauncher({ tools });
  const pool = await readyPool(launcher, { size: 3, ...limited(2) });
  calls(pool, "sleep", 3);
  expect(running(launcher, "sleep")).toHaveLength(2);
  await pool.close({ graceMs: 0 });
});

test("a new limit of the workers applies when a worker with it is ready", async () => {
  let tools = TOOLS.map((tool) => (tool.name === "sleep" ? { ...tool, maxConcurrent: 1 } : tool));
  const launcher = new FakeLauncher({
    get tools() {
      return tools;
    },
  });
  const pool = await readyPool(launcher, { size: 3 });
  calls(pool, "sleep", 3);
  expect(running(launcher, "sleep")).toHaveLength(1);
  tools = [...TOOLS];
  const recycled = pool.recycle(pool.workers().find(({ load }) => load === 0)?.id ?? "");
  await turn();
  expect(running(launcher, "sleep")).toHaveLength(3);
  // One of them may run on the worker that is being replaced.
  for (const call of launcher.alive.flatMap((worker) => held(worker, "sleep"))) call.value(null);
  await recycled;
  expect(pool.stats()).toMatchObject({ queued: 0 });
  await pool.close({ graceMs: 0 });
});
