import { deadlineIn, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PoolCall } from "./pool-call.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { FakeCall } from "./testing/fake-call.ts";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import type { FakeWorker, FakeWorkerOptions } from "./testing/fake-worker.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";
import type { WorkerPool } from "./worker-pool.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The execution time that workers report, in milliseconds. */
const SHORT_MS = 0.02;

interface Trial {
  readonly pool: WorkerPool;
  readonly launcher: FakeLauncher;
  readonly workers: FakeWorker[];
}

/** Returns a pool whose tool `echo` was measured as short, and `sleep` as long. */
async function measuredPool(options: Partial<PoolOptions> = {}, worker: FakeWorkerOptions = {}): Promise<Trial> {
  const launcher = new FakeLauncher({ maxAhead: 1_000, ...worker });
  const pool = await readyPool(launcher, { size: 1, ...options });
  const { workers } = launcher;
  for (const [tool, executionMs] of [
    ["echo", SHORT_MS],
    ["sleep", 20],
  ] as const) {
    const call = pool.execute(request(tool));
    active(workers).value(undefined, executionMs);
    await call;
  }
  for (const each of workers) each.received.length = 0;
  return { pool, launcher, workers };
}

/** Returns the only call that the workers execute. */
function active(workers: readonly FakeWorker[]): FakeCall {
  const calls = workers.flatMap((worker) => worker.calls);
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

function ids(calls: readonly FakeCall[]): string[] {
  return calls.map((each) => each.call.correlationId);
}

function named(correlationId: string, options: Partial<PoolCall> = {}, tool = "echo"): PoolCall {
  return request(tool, { correlationId, ...options });
}

describe("what is sent ahead", () => {
  test("short calls of a measured tool are sent to a busy worker, and start there in order", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const [worker] = workers;
    const calls = ["a", "b", "c"].map((id) => pool.execute(named(id)));
    expect(ids(worker!.calls)).toEqual(["a"]);
    expect(ids(worker!.ahead)).toEqual(["b", "c"]);
    expect(pool.stats()).toMatchObject({ queued: 2, active: 1, available: 0 });
    for (const id of ["a", "b", "c"]) {
      expect(active(workers).call.correlationId).toBe(id);
      active(workers).value(id, SHORT_MS);
    }
    expect(await Promise.all(calls)).toEqual(["a", "b", "c"]);
    expect(pool.stats()).toMatchObject({ queued: 0, active: 0, available: 1, requests: 5, errors: 0 });
  });

  test("nothing is sent ahead until the tool was measured", async () => {
    const launcher = new FakeLauncher({ maxAhead: 1_000 });
    await using pool = await readyPool(launcher, { size: 1 });
    const calls = [pool.execute(request()), pool.execute(request()), pool.execute(request())];
    const [worker] = launcher.workers;
    expect(worker!.received).toHaveLength(1);
    worker!.calls[0]!.value(1, SHORT_MS);
    // Now it is known: the second call is dispatched and the third one sent ahead.
    expect([worker!.calls.length, worker!.ahead.length]).toEqual([1, 1]);
    worker!.calls[0]!.value(2, SHORT_MS);
    worker!.calls[0]!.value(3, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  });

  test.each<readonly [string, Partial<PoolOptions>, FakeWorkerOptions, () => PoolCall]>([
    ["with prefetch 0", { prefetch: 0 }, {}, () => request()],
    ["to a worker that does not support it", {}, { maxAhead: 0 }, () => request()],
    ["of a long tool", {}, {}, () => request("sleep")],
    ["of a session", {}, {}, () => request("echo", { sessionId: "s" })],
    [
      "that is nested",
      {},
      {},
      () => request("echo", { parent: { correlationId: "p", pool: "other", tool: "t", parent: undefined } }),
    ],
    [
      "with large arguments",
      {},
      {},
      () => request("echo", { args: { body: new Uint8Array(1), buffers: [], byteLength: 65_537 } }),
    ],
  ])("a call is queued: %s", async (_, options, worker, create) => {
    const { pool, workers } = await measuredPool(options, worker);
    await using __ = pool;
    const calls = [pool.execute(request()), pool.execute(create())];
    expect(workers[0]!.received).toHaveLength(1);
    expect(pool.stats()).toMatchObject({ queued: 1 });
    active(workers).value(1, SHORT_MS);
    active(workers).value(2, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  test("a stream is queued", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const first = pool.execute(request());
    const next = pool.stream(request("count"))[Symbol.asyncIterator]().next();
    expect(workers[0]!.received).toHaveLength(1);
    active(workers).value(1, SHORT_MS);
    active(workers).end();
    expect(await first).toBe(1);
    expect(await next).toMatchObject({ done: true });
  });

  test("nothing is sent ahead of a long call", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const calls = [pool.execute(request("sleep")), pool.execute(request())];
    expect(workers[0]!.received).toHaveLength(1);
    active(workers).value(1, 20);
    active(workers).value(2, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  test("a worker holds at most 32 calls, or `prefetch` calls", async () => {
    for (const [prefetch, limit] of [
      ["auto", 32],
      [3, 3],
    ] as const) {
      const { pool, workers } = await measuredPool({ prefetch });
      await using _ = pool;
      const calls = Array.from({ length: 50 }, () => pool.execute(request()));
      expect(workers[0]!.ahead).toHaveLength(limit);
      expect(pool.stats()).toMatchObject({ queued: 49 });
      active(workers).value(0, SHORT_MS);
      // The place of the call that has started is filled from the queue.
      expect(workers[0]!.ahead).toHaveLength(limit);
      while (workers[0]!.calls.length > 0) active(workers).value(0, SHORT_MS);
      expect(await Promise.all(calls)).toHaveLength(50);
    }
  });

  test("a number also sends long calls ahead", async () => {
    const { pool, workers } = await measuredPool({ prefetch: 1 });
    await using _ = pool;
    const calls = ["a", "b", "c"].map((id) => pool.execute(named(id, {}, "sleep")));
    expect(ids(workers[0]!.ahead)).toEqual(["b"]);
    for (let i = 0; i < 3; i += 1) active(workers).value(i, 20);
    expect(await Promise.all(calls)).toEqual([0, 1, 2]);
  });

  test("calls are spread over the busy workers", async () => {
    const { pool, workers } = await measuredPool({ size: 2 });
    await using _ = pool;
    const calls = Array.from({ length: 6 }, () => pool.execute(request()));
    expect(workers.map(({ ahead }) => ahead.length)).toEqual([2, 2]);
    for (const worker of workers) while (worker.calls.length > 0) worker.calls[0]!.value(0, SHORT_MS);
    await Promise.all(calls);
  });

  test("a call never passes one that waits in the queue", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const calls = [
      pool.execute(named("a")),
      pool.execute(named("of a session", { sessionId: "s" })),
      pool.execute(named("b")),
    ];
    expect(workers[0]!.ahead).toEqual([]);
    for (let i = 0; i < 3; i += 1) active(workers).value(i, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([0, 1, 2]);
    expect(ids(workers[0]!.received)).toEqual(["a", "of a session", "b"]);
  });

  test("a call that only this worker may take goes before new calls", async () => {
    const { pool, workers } = await measuredPool({ affinity: "strict-queue" });
    await using _ = pool;
    const bound = pool.execute(named("first of s", { sessionId: "s" }));
    const calls = [pool.execute(named("second of s", { sessionId: "s" })), pool.execute(named("a"))];
    expect(workers[0]!.ahead).toEqual([]);
    for (let i = 0; i < 3; i += 1) active(workers).value(i, SHORT_MS);
    expect(await Promise.all([bound, ...calls])).toEqual([0, 1, 2]);
    expect(ids(workers[0]!.received)).toEqual(["first of s", "second of s", "a"]);
  });
});

describe("giving up", () => {
  test("an aborted call never starts, and the others do", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const controller = new AbortController();
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { signal: controller.signal })));
    const third = pool.execute(named("c"));
    controller.abort();
    expect(await second).toMatchObject({ code: "CANCELLED" });
    expect(ids(workers[0]!.ahead)).toEqual(["c"]);
    active(workers).value(1, SHORT_MS);
    active(workers).value(3, SHORT_MS);
    expect(await Promise.all([first, third])).toEqual([1, 3]);
    expect(workers[0]!.received.filter(({ started }) => started).map(({ call }) => call.correlationId)).toEqual([
      "a",
      "c",
    ]);
    expect(pool.stats()).toMatchObject({ queued: 0, active: 0, available: 1 });
  });

  test("a call that has started although the answer before it has not arrived is cancelled", async () => {
    const { pool, workers } = await measuredPool({}, { ignoresCancel: true });
    await using _ = pool;
    const [worker] = workers;
    const controller = new AbortController();
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { signal: controller.signal })));
    const [a, b] = worker!.received;
    worker!.finishUnseen(a!);
    controller.abort();
    expect(await second).toMatchObject({ code: "CANCELLED" });
    expect(b!.cancelled).toBe("cancelled");
    expect(pool.stats()).toMatchObject({ queued: 0, available: 0 });
    a!.value(1, SHORT_MS);
    expect(await first).toBe(1);
    expect(pool.stats()).toMatchObject({ available: 0 });
    b!.value(2, SHORT_MS);
    expect(pool.stats()).toMatchObject({ active: 0, available: 1 });
  });

  test("a call whose turn has come, but which the worker has not started, never starts", async () => {
    const { pool, workers } = await measuredPool({}, { startsByHand: true });
    await using _ = pool;
    const [worker] = workers;
    const controller = new AbortController();
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { signal: controller.signal })));
    worker!.calls[0]!.value(1, SHORT_MS);
    expect(await first).toBe(1);
    expect(pool.stats()).toMatchObject({ active: 1, queued: 0 });
    controller.abort();
    expect(await second).toMatchObject({ code: "CANCELLED" });
    expect(worker!.ahead).toEqual([]);
    expect(pool.stats()).toMatchObject({ active: 0, queued: 0, available: 1 });
  });

  test("the deadline and the queue timeout apply while a call is ahead", async () => {
    const { pool, workers } = await measuredPool({ queueTimeoutMs: 1_000 });
    await using _ = pool;
    const first = pool.execute(named("a"));
    const late = failureOf(pool.execute(named("b", { deadline: deadlineIn(200) })));
    const queued = failureOf(pool.execute(named("c")));
    vi.advanceTimersByTime(210);
    expect(await late).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(pool.stats()).toMatchObject({ queued: 1, queueTimeouts: 0 });
    vi.advanceTimersByTime(900);
    expect(await queued).toMatchObject({ code: "QUEUE_TIMEOUT" });
    expect(pool.stats()).toMatchObject({ queued: 0, queueTimeouts: 1 });
    active(workers).value(1, SHORT_MS);
    expect(await first).toBe(1);
    expect(workers[0]!.received.filter(({ started }) => started)).toHaveLength(1);
  });

  test("the queue timeout does not end a call that has started unseen", async () => {
    const { pool, workers } = await measuredPool({ queueTimeoutMs: 1_000 });
    await using _ = pool;
    const [worker] = workers;
    const calls = [pool.execute(named("a")), pool.execute(named("b"))];
    const [a, b] = worker!.received;
    worker!.finishUnseen(a!);
    vi.advanceTimersByTime(1_100);
    expect(b!.cancelled).toBeUndefined();
    expect(pool.stats()).toMatchObject({ queued: 0, queueTimeouts: 0 });
    a!.value(1, SHORT_MS);
    b!.value(2, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  test("the queue timeout of a call of a batch is not reported as the time limit of its execution", async () => {
    const { pool, workers } = await measuredPool({ queueTimeoutMs: 1_000 });
    await using _ = pool;
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { batch: { executionMs: 100 } })));
    vi.advanceTimersByTime(1_100);
    expect(await second).toMatchObject({ code: "QUEUE_TIMEOUT" });
    active(workers).value(1, SHORT_MS);
    expect(await first).toBe(1);
  });

  test("the time limit of a call of a batch begins when its turn comes", async () => {
    const { pool, workers } = await measuredPool({}, { ignoresCancel: true });
    await using _ = pool;
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { batch: { executionMs: 500 } })));
    vi.advanceTimersByTime(400);
    active(workers).value(1, SHORT_MS);
    expect(await first).toBe(1);
    vi.advanceTimersByTime(400);
    expect(active(workers).cancelled).toBeUndefined();
    vi.advanceTimersByTime(400);
    expect(active(workers).cancelled).toBe("deadline");
    expect((await second).code).toBe("DEADLINE_EXCEEDED");
    active(workers).value(2, SHORT_MS);
  });
});

describe("the queue limit", () => {
  test("counts the calls ahead", async () => {
    const { pool, workers } = await measuredPool({ queueLimit: 3 });
    await using _ = pool;
    const calls = Array.from({ length: 4 }, () => pool.execute(request()));
    expect(workers[0]!.ahead).toHaveLength(3);
    expect(await failureOf(pool.execute(request()))).toMatchObject({ code: "POOL_SATURATED" });
    expect(pool.stats()).toMatchObject({ queued: 3, saturated: 1 });
    for (let i = 0; i < 4; i += 1) active(workers).value(i, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3]);
  });

  test("calls of a batch that are ahead take no room from other callers", async () => {
    const { pool, workers } = await measuredPool({ queueLimit: 4 });
    await using _ = pool;
    const batch = { executionMs: Number.POSITIVE_INFINITY };
    const calls = Array.from({ length: 20 }, () => pool.execute(request("echo", { batch })));
    expect(workers[0]!.ahead).toHaveLength(19);
    const others = Array.from({ length: 4 }, () => pool.execute(request()));
    expect(await failureOf(pool.execute(request()))).toMatchObject({ code: "POOL_SATURATED" });
    while (workers[0]!.calls.length > 0) active(workers).value(0, SHORT_MS);
    expect(await Promise.all([...calls, ...others])).toHaveLength(24);
  });

  test("the calls of a batch that wait outside of the queue are sent ahead in order", async () => {
    const { pool, workers } = await measuredPool({ prefetch: 2, queueLimit: 1 });
    await using _ = pool;
    const batch = { executionMs: Number.POSITIVE_INFINITY };
    const calls = Array.from({ length: 8 }, (__, i) => pool.execute(named(`${i}`, { batch })));
    expect(ids(workers[0]!.ahead)).toEqual(["1", "2"]);
    while (workers[0]!.calls.length > 0) active(workers).value(active(workers).call.correlationId, SHORT_MS);
    const expected = Array.from({ length: 8 }, (__, i) => `${i}`);
    expect(await Promise.all(calls)).toEqual(expected);
    expect(ids(workers[0]!.received)).toEqual(expected);
  });
});

describe("a worker that is stalled", () => {
  /** Two workers, of which the first executes a call and holds two; the second one is free. */
  async function stalled(worker: FakeWorkerOptions = {}) {
    const trial = await measuredPool({ size: 2 }, worker);
    const calls = ["a", "b", "c", "d", "e", "f"].map((id) => trial.pool.execute(named(id)));
    const slow = trial.workers.find(({ calls: [call] }) => call?.call.correlationId === "a")!;
    const other = trial.workers.find((each) => each !== slow)!;
    return { ...trial, calls, slow, other };
  }

  test("loses its calls, the oldest first, when another worker is free", async () => {
    const { pool, calls, slow, other } = await stalled();
    await using _ = pool;
    expect([ids(slow.ahead).length, ids(other.ahead).length]).toEqual([2, 2]);
    const held = ids(slow.ahead);
    while (other.calls.length > 0) other.calls[0]!.value(0, SHORT_MS);
    expect(ids(slow.ahead)).toEqual(held);
    vi.advanceTimersByTime(2);
    expect(ids(other.calls)).toEqual([held[0]]);
    expect(ids(slow.ahead)).toEqual([held[1]]);
    other.calls[0]!.value(0, SHORT_MS);
    // It is free again, and the running call of the other worker still takes long.
    expect(ids(other.calls)).toEqual([held[1]]);
    other.calls[0]!.value(0, SHORT_MS);
    slow.calls[0]!.value(0, 20);
    expect(await Promise.all(calls)).toHaveLength(6);
    expect(slow.received.filter(({ started }) => started)).toHaveLength(1);
    expect(pool.stats()).toMatchObject({ queued: 0, active: 0, available: 2 });
  });

  test("keeps a call that it has started unseen", async () => {
    const { pool, calls, slow, other } = await stalled();
    await using _ = pool;
    const [a] = slow.calls;
    slow.finishUnseen(a!);
    const [started] = slow.calls;
    while (other.calls.length > 0) other.calls[0]!.value(0, SHORT_MS);
    vi.advanceTimersByTime(2);
    expect(other.calls).toHaveLength(1);
    expect(other.calls[0]!.call).not.toBe(started!.call);
    other.calls[0]!.value(0, SHORT_MS);
    a!.value(0, SHORT_MS);
    started!.value(0, SHORT_MS);
    expect(await Promise.all(calls)).toHaveLength(6);
    const executed = [...slow.received, ...other.received].filter((call) => call.started);
    expect(new Set(ids(executed)).size).toBe(6);
    expect(executed).toHaveLength(6);
  });

  test("keeps its calls while no worker is free", async () => {
    const { pool, calls, slow, other } = await stalled();
    await using _ = pool;
    const before = [ids(slow.ahead), ids(other.ahead)];
    vi.advanceTimersByTime(100);
    expect([ids(slow.ahead), ids(other.ahead)]).toEqual(before);
    for (const worker of [slow, other]) while (worker.calls.length > 0) worker.calls[0]!.value(0, SHORT_MS);
    await Promise.all(calls);
  });

  test("loses its calls to a worker that becomes ready", async () => {
    const { pool, launcher, workers } = await measuredPool({ size: 2 });
    await using _ = pool;
    launcher.plan = () => {};
    workers[1]!.crash();
    await turn();
    const calls = [pool.execute(named("a")), pool.execute(named("b"))];
    expect(ids(workers[0]!.ahead)).toEqual(["b"]);
    vi.advanceTimersByTime(200);
    launcher.pending[0]!.succeed();
    await turn();
    expect(ids(workers[2]!.calls)).toEqual(["b"]);
    workers[2]!.calls[0]!.value(2, SHORT_MS);
    workers[0]!.calls[0]!.value(1, SHORT_MS);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });
});

describe("the end of a worker", () => {
  test("a crash loses the call that had started; the others are executed elsewhere, in order", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const first = failureOf(pool.execute(named("a")));
    const others = ["b", "c", "d"].map((id) => pool.execute(named(id)));
    workers[0]!.crash();
    expect(await first).toMatchObject({ code: "WORKER_CRASHED" });
    await turn();
    vi.advanceTimersByTime(200);
    await turn();
    const replacement = workers[1]!;
    while (replacement.calls.length > 0) replacement.calls[0]!.value(replacement.calls[0]!.call.correlationId);
    expect(await Promise.all(others)).toEqual(["b", "c", "d"]);
    expect(ids(replacement.received)).toEqual(["b", "c", "d"]);
    expect(pool.stats()).toMatchObject({ queued: 0, active: 0, errors: 1 });
  });

  test("a call whose turn had come but that had not started survives the crash", async () => {
    const { pool, workers } = await measuredPool({}, { startsByHand: true });
    await using _ = pool;
    const calls = [pool.execute(named("a")), pool.execute(named("b"))];
    workers[0]!.calls[0]!.value("a", SHORT_MS);
    expect(pool.stats()).toMatchObject({ active: 1, queued: 0 });
    workers[0]!.crash();
    await turn();
    vi.advanceTimersByTime(200);
    await turn();
    workers[1]!.calls[0]!.value("b");
    expect(await Promise.all(calls)).toEqual(["a", "b"]);
  });

  test("a crash before the worker was noticed as dead: a call that is sent ahead afterwards survives", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const first = pool.execute(named("a"));
    const second = pool.execute(named("b"));
    const [worker] = workers;
    const lost = worker!.calls[0]!;
    worker!.gone = true;
    const third = pool.execute(named("c"));
    await turn();
    worker!.gone = false;
    lost.lose(new SnakepitError("WORKER_CRASHED", "died"));
    expect(await failureOf(first)).toMatchObject({ code: "WORKER_CRASHED" });
    worker!.crash();
    await turn();
    vi.advanceTimersByTime(200);
    await turn();
    while (workers[1]!.calls.length > 0) workers[1]!.calls[0]!.value(workers[1]!.calls[0]!.call.correlationId);
    expect(await Promise.all([second, third])).toEqual(["b", "c"]);
  });

  test("a recycled worker returns the calls that it has not started, and finishes the one that it executes", async () => {
    const { pool, workers } = await measuredPool();
    await using _ = pool;
    const calls = ["a", "b", "c"].map((id) => pool.execute(named(id)));
    const recycled = pool.recycle("test-1");
    await turn();
    expect(ids(workers[1]!.calls)).toEqual(["b"]);
    expect(workers[0]!.ahead).toEqual([]);
    workers[1]!.calls[0]!.value(2);
    workers[1]!.calls[0]!.value(3);
    workers[0]!.calls[0]!.value(1);
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
    expect(await recycled).toBe("test-2");
  });

  test("a draining worker is stopped when the call that it has not started is given up", async () => {
    const { pool, workers } = await measuredPool({}, { startsByHand: true });
    await using _ = pool;
    const controller = new AbortController();
    const first = pool.execute(named("a"));
    const second = failureOf(pool.execute(named("b", { signal: controller.signal })));
    workers[0]!.calls[0]!.value(1, SHORT_MS);
    expect(await first).toBe(1);
    const recycled = pool.recycle("test-1");
    await turn();
    expect(pool.workers()).toMatchObject([{ state: "draining", load: 1 }, { state: "ready" }]);
    controller.abort();
    expect(await second).toMatchObject({ code: "CANCELLED" });
    await turn();
    expect(workers[0]!.gone).toBe(true);
    expect(await recycled).toBe("test-2");
  });

  test("closing rejects the calls ahead and finishes the active one", async () => {
    const { pool, workers } = await measuredPool();
    const first = pool.execute(named("a"));
    const others = ["b", "c"].map((id) => failureOf(pool.execute(named(id))));
    const closed = pool.close();
    for (const error of await Promise.all(others)) expect(error).toMatchObject({ code: "SHUTTING_DOWN" });
    expect(workers[0]!.ahead).toEqual([]);
    workers[0]!.calls[0]!.value(1);
    expect(await first).toBe(1);
    await closed;
    expect(workers[0]!.received.filter(({ started }) => started)).toHaveLength(1);
  });
});
