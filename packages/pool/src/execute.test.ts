import { getEventListeners } from "node:events";
import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, OPTIONS, readyPool, request, startedPool, turn } from "./testing/pool-under-test.ts";
import { WorkerPool } from "./worker-pool.ts";

test("a call resolves with the value that its worker returns", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value("pong") });
  await using pool = await readyPool(launcher);
  expect(await pool.execute(request())).toBe("pong");
  expect(pool.stats()).toMatchObject({ busy: 0, active: 0, requests: 1, errors: 0 });
});

test("the worker receives every option of the caller", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(undefined) });
  await using pool = await readyPool(launcher, { size: 1 });
  const made = request("echo", { deadline: 1e9, sessionId: "s1", metadata: { tenant: "a" } });
  await pool.execute(made);
  const { call } = launcher.workers[0]!.received[0]!;
  expect(call).toMatchObject({ ...made, streaming: false, credit: 0 });
});

test("calls that wait are executed in order of arrival", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 });
  const order: unknown[] = [];
  const calls = [1, 2, 3, 4].map((n) => pool.execute(request()).then(() => order.push(n)));
  const [worker] = launcher.workers;
  for (let answered = 0; answered < 4; answered++) {
    expect(worker!.calls).toHaveLength(1);
    worker!.calls[0]!.value(undefined);
  }
  await Promise.all(calls);
  expect(order).toEqual([1, 2, 3, 4]);
});

test("the least loaded worker receives the call, up to its capacity", async () => {
  const launcher = new FakeLauncher({ capacity: 2 });
  await using pool = await readyPool(launcher, { size: 3 });
  const calls = Array.from({ length: 7 }, () => pool.execute(request()));
  expect(launcher.workers.map((worker) => worker.calls.length)).toEqual([2, 2, 2]);
  expect(pool.stats()).toMatchObject({ active: 6, queued: 1, busy: 3, available: 0 });
  const [first, second] = launcher.workers;
  second!.calls[0]!.value(undefined);
  expect(second!.received).toHaveLength(3);
  second!.calls[0]!.value(undefined);
  second!.calls[0]!.value(undefined);
  first!.calls[0]!.value(undefined);
  calls.push(pool.execute(request()));
  expect(launcher.workers.map((worker) => worker.calls.length)).toEqual([1, 1, 2]);
  for (const worker of launcher.workers) for (const call of [...worker.calls]) call.value(undefined);
  await Promise.all(calls);
  expect(pool.stats()).toMatchObject({ active: 0, queued: 0, busy: 0, available: 3 });
});

test("the most recently used idle worker is used again", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(call.call.correlationId) });
  await using pool = await readyPool(launcher, { size: 4 });
  for (let i = 0; i < 5; i++) await pool.execute(request());
  expect(launcher.workers.map((worker) => worker.received.length).sort()).toEqual([0, 0, 0, 5]);
});

test("a full queue rejects at once", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1, queueLimit: 1 });
  const calls = [pool.execute(request()), pool.execute(request())];
  const made = request();
  const error = await failureOf(pool.execute(made));
  expect(error).toMatchObject({ code: "POOL_SATURATED", pool: "test", callId: made.correlationId, retryable: true });
  expect(pool.stats()).toMatchObject({ saturated: 1, errors: 1, queued: 1 });
  const [worker] = launcher.workers;
  worker!.calls[0]!.value(1);
  worker!.calls[0]!.value(2);
  expect(await Promise.all(calls)).toEqual([1, 2]);
});

test("with a queue of length 0, free workers still receive calls", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 1, queueLimit: 0 });
  expect(await pool.execute(request())).toBe(1);
});

test("an unknown tool is rejected with the nearest name and the available ones", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher);
  const error = await failureOf(pool.execute(request("slep")));
  expect(error.code).toBe("UNKNOWN_TOOL");
  expect(error.message).toBe(
    'pool "test" has no tool "slep"; did you mean "sleep"? available tools: count, echo, sleep',
  );
  expect((await failureOf(pool.execute(request("paint")))).message).toContain('"paint"; available tools: count');
  expect(pool.tools().map((tool) => tool.name)).toEqual(["echo", "sleep", "count"]);
});

test("tools stay known while workers are replaced", async () => {
  const launcher = new FakeLauncher({}, () => {});
  await using pool = startedPool(launcher, { size: 1 });
  expect(pool.tools()).toEqual([]);
  launcher.pending[0]!.succeed();
  await turn();
  launcher.alive[0]!.crash();
  await turn();
  expect(pool.stats().workers).toBe(0);
  expect(pool.tools()).toHaveLength(3);
});

test("execute() of a streaming tool is rejected with the correct method", async () => {
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher);
  const error = await failureOf(pool.execute(request("count")));
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toContain("call it with stream()");
});

test("calls that arrived before the tools were known are checked later", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value("well") }, () => {});
  await using pool = startedPool(launcher, { size: 1 });
  const unknown = failureOf(pool.execute(request("slep")));
  const known = pool.execute(request("sleep"));
  expect(pool.stats().queued).toBe(2);
  launcher.pending[0]!.succeed();
  expect((await unknown).code).toBe("UNKNOWN_TOOL");
  expect(await known).toBe("well");
  expect(launcher.workers[0]!.received).toHaveLength(1);
});

test("an error of the worker has pool, worker, call and all its details", async () => {
  const python = { type: "ValueError", module: "builtins", message: "no", traceback: "…", notes: [] };
  const cause = new Error("root");
  const launcher = new FakeLauncher({
    run: (call) =>
      call.fail(new SnakepitError("PYTHON_EXCEPTION", "ValueError: no", { python, cause, details: { a: 1 } })),
  });
  await using pool = await readyPool(launcher, { size: 1 });
  const made = request();
  const error = await failureOf(pool.execute(made));
  expect(error).toMatchObject({
    code: "PYTHON_EXCEPTION",
    message: "ValueError: no",
    python,
    cause,
    details: { a: 1 },
    retryable: false,
    pool: "test",
    workerId: "test-1",
    callId: made.correlationId,
  });
  expect(pool.stats()).toMatchObject({ errors: 1, busy: 0 });
});

test("the stack of an error shows the code that awaits the call, not the socket's", async () => {
  const launcher = new FakeLauncher({
    run: (call) => setImmediate(() => call.fail(new SnakepitError("INTERNAL", "no"))),
  });
  await using pool = await readyPool(launcher);
  async function functionOfTheUser() {
    await pool.execute(request());
  }
  const error = await failureOf(functionOfTheUser());
  expect(error.stack).toMatch(/^SnakepitError: no\n {4}at (async )?functionOfTheUser/);
});

test("the stack of a rejection shows the code that made the call", async () => {
  await using pool = await readyPool(new FakeLauncher());
  async function functionOfTheUser() {
    return await pool.execute(request("nothing"));
  }
  expect((await failureOf(functionOfTheUser())).stack).toContain("functionOfTheUser");
});

test("a launcher that violates its port by throwing leaks no capacity", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value("well") });
  await using pool = await readyPool(launcher, { size: 1 });
  const [worker] = launcher.workers;
  const dispatch = worker!.dispatch.bind(worker);
  worker!.dispatch = () => {
    throw new TypeError("broken");
  };
  expect(await failureOf(pool.execute(request()))).toMatchObject({ code: "INTERNAL", message: "broken" });
  worker!.dispatch = dispatch;
  expect(await pool.execute(request())).toBe("well");
});

test("calls before start() are rejected", async () => {
  await using pool = new WorkerPool(OPTIONS, new FakeLauncher());
  expect(await failureOf(pool.execute(request()))).toMatchObject({ code: "POOL_NOT_READY" });
  expect(await failureOf(pool.ready())).toMatchObject({ code: "POOL_NOT_READY" });
  expect(pool.stats().state).toBe("idle");
});

test("a million calls with one AbortSignal leave no listener", async () => {
  const launcher = new FakeLauncher({ run: (call) => call.value(undefined) });
  await using pool = await readyPool(launcher, { size: 8 });
  const { signal } = new AbortController();
  const before = getEventListeners(signal, "abort").length;
  let left = 1_000_000;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await pool.execute(request("echo", { signal }));
      // A worker of the fake remembers what it received.
      if (left % 1_000 === 0) for (const worker of launcher.workers) worker.received.length = 0;
    }
  };
  const callers = Array.from({ length: 16 }, caller);
  await turn();
  expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
  await Promise.all(callers);
  expect(getEventListeners(signal, "abort")).toHaveLength(before);
});
