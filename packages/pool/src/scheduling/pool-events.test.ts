import type { EventName, Instrumentation, ListenedEvents } from "@snakepit/core";
import { expect, test } from "vitest";
import type { PoolCall } from "../pool-call.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "../testing/pool-under-test.ts";

/** Records events by name. */
class Recorder implements Instrumentation {
  readonly listens: Partial<ListenedEvents>;
  readonly #events: (readonly [EventName, object])[] = [];

  constructor(...names: readonly (keyof ListenedEvents)[]) {
    this.listens = Object.fromEntries(names.map((name) => [name, true]));
  }

  emit(name: EventName, event: object): void {
    this.#events.push([name, event]);
  }

  startCall(): undefined {}

  of(name: EventName): object[] {
    return this.#events.filter(([each]) => each === name).map(([, event]) => event);
  }
}

function answerAll({ workers }: FakeLauncher): void {
  for (const worker of workers) while (worker.calls.length > 0) worker.calls[0]?.value(1);
}

test("a call that waits is reported with the reason and the number of waiting calls", async () => {
  const recorder = new Recorder("queue.entered");
  const launcher = new FakeLauncher();
  const tools = { sleep: { maxConcurrent: 1, timeoutMs: undefined, idempotent: undefined } };
  await using pool = await readyPool(launcher, { size: 2, affinity: "strict-queue", tools }, recorder);
  const make = (tool: string, options: Partial<PoolCall> = {}) => pool.execute(request(tool, options));
  const calls = [make("echo", { sessionId: "s1" }), make("echo", { sessionId: "s1", correlationId: "c-session" })];
  calls.push(make("sleep"), make("sleep", { correlationId: "c-limit" }), make("echo", { correlationId: "c-any" }));
  // With two workers, at most two calls of a batch are in the queue.
  const batch = { executionMs: 60_000 };
  calls.push(...["c-1", "c-2", "c-3"].map((correlationId) => make("echo", { correlationId, batch })));
  const facts = { pool: "test", sessionId: undefined };
  expect(recorder.of("queue.entered")).toEqual([
    { ...facts, tool: "echo", correlationId: "c-session", sessionId: "s1", reason: "session-worker-busy", queued: 1 },
    { ...facts, tool: "sleep", correlationId: "c-limit", reason: "tool-limit", queued: 2 },
    { ...facts, tool: "echo", correlationId: "c-any", reason: "workers-busy", queued: 3 },
    { ...facts, tool: "echo", correlationId: "c-1", reason: "workers-busy", queued: 4 },
    { ...facts, tool: "echo", correlationId: "c-2", reason: "workers-busy", queued: 5 },
    { ...facts, tool: "echo", correlationId: "c-3", reason: "batch", queued: 5 },
  ]);
  const settled = Promise.all(calls);
  let open = true;
  void settled.then(() => {
    open = false;
  });
  while (open) {
    answerAll(launcher);
    await turn();
  }
});

test("a call that waits too long is reported before it fails", async () => {
  const recorder = new Recorder("queue.timeout");
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 }, recorder);
  const held = pool.execute(request());
  const waiting = failureOf(pool.execute(request("echo", { queueTimeoutMs: 1, correlationId: "c-late" })));
  expect((await waiting).code).toBe("QUEUE_TIMEOUT");
  expect(recorder.of("queue.timeout")).toMatchObject([
    { pool: "test", tool: "echo", correlationId: "c-late", timeoutMs: 1, queued: 1, workers: 1 },
  ]);
  answerAll(launcher);
  await held;
});

test("a worker is full when it executes as many calls as it can, if that is more than one", async () => {
  const recorder = new Recorder("worker.full");
  const launcher = new FakeLauncher({ capacity: 2 });
  await using pool = await readyPool(launcher, { size: 1 }, recorder);
  const first = pool.execute(request());
  expect(recorder.of("worker.full")).toEqual([]);
  const second = pool.execute(request());
  expect(recorder.of("worker.full")).toEqual([{ pool: "test", workerId: "test-1", capacity: 2 }]);
  answerAll(launcher);
  await Promise.all([first, second]);

  const single = new Recorder("worker.full");
  await using other = await readyPool(new FakeLauncher({ run: (call) => call.value(1) }), { size: 1 }, single);
  await other.execute(request());
  expect(single.of("worker.full")).toEqual([]);
});

test("a session is assigned with its first call, and when another worker executes its call", async () => {
  const recorder = new Recorder("session.assigned");
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2 }, recorder);
  const calls = [
    pool.execute(request("echo", { sessionId: "s1" })),
    pool.execute(request("echo", { sessionId: "s1" })),
  ];
  answerAll(launcher);
  await Promise.all(calls);
  const assigned = recorder.of("session.assigned") as { readonly workerId: string }[];
  expect(assigned).toMatchObject([
    { sessionId: "s1", pool: "test", previousWorkerId: undefined },
    { sessionId: "s1", pool: "test", previousWorkerId: assigned[0]?.workerId },
  ]);
  expect(new Set(assigned.map(({ workerId }) => workerId)).size).toBe(2);
});

test("a full queue is reported with its limit and the busy workers", async () => {
  const recorder = new Recorder();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 2, queueLimit: 1 }, recorder);
  const calls = [pool.execute(request()), pool.execute(request()), pool.execute(request())];
  expect((await failureOf(pool.execute(request()))).code).toBe("POOL_SATURATED");
  expect(recorder.of("pool.saturated")).toEqual([{ pool: "test", queued: 1, limit: 1, available: 0, busy: 2 }]);
  answerAll(launcher);
  await Promise.all(calls);
});

test("events without a listener are not created", async () => {
  const recorder = new Recorder();
  const launcher = new FakeLauncher({ capacity: 2, run: (call) => call.value(1) });
  await using pool = await readyPool(launcher, { size: 1 }, recorder);
  await Promise.all(Array.from({ length: 4 }, () => pool.execute(request("echo", { sessionId: "s1" }))));
  for (const name of ["queue.entered", "worker.full", "session.assigned"] as const) {
    expect(recorder.of(name)).toEqual([]);
  }
});
