import { SnakepitError } from "@snakepit/core";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FakeCall } from "../testing/fake-call.ts";
import { FakeLauncher } from "../testing/fake-launcher.ts";
import type { FakeWorker } from "../testing/fake-worker.ts";
import { request, startedPool, turn } from "../testing/pool-under-test.ts";
import type { WorkerPool } from "../worker-pool.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ is: fc.constant("execute" as const), timeoutMs: fc.option(fc.nat(2_000)) }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("stream" as const) }) },
    { weight: 3, arbitrary: fc.record({ is: fc.constant("abort" as const), pick: fc.nat() }) },
    { weight: 4, arbitrary: fc.record({ is: fc.constant("answer" as const), pick: fc.nat(), fails: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("crash" as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("launch" as const), pick: fc.nat(), fails: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("wait" as const), ms: fc.nat(1_500) }) },
  ),
  { maxLength: 60 },
);

interface Made {
  readonly id: string;
  readonly controller: AbortController;
  /** How often the caller got an answer. */
  answers: number;
}

/** A pool, everything that was asked of it, and in which order its workers got it. */
class Trial {
  readonly made: Made[] = [];
  readonly dispatched: string[] = [];
  /** Calls that were given up, or answered, before a worker got them. */
  readonly forbidden = new Set<string>();
  /** What a worker saw that must not be. Kept until it can be said: nothing may be thrown at the pool. */
  readonly #violations: string[] = [];
  readonly launcher: FakeLauncher;
  readonly pool: WorkerPool;

  constructor(size: number, capacity: number, queueLimit: number, deaf: boolean) {
    const dispatched = (call: FakeCall, to: FakeWorker) => {
      const id = call.call.correlationId;
      if (this.forbidden.has(id)) this.#violations.push(`${id} was executed although it was over`);
      this.dispatched.push(id);
      // What the worker holds counts this call already; what the pool knows of the others does not.
      for (const other of this.pool.workers()) {
        if (other.state !== "ready" || other.id === to.workerId || other.load >= to.calls.length - 1) continue;
        this.#violations.push(`${id} went to ${to.workerId}, which had more to do than ${other.id}`);
      }
    };
    this.launcher = new FakeLauncher({ capacity, deaf, dispatched }, () => {});
    this.pool = startedPool(this.launcher, { size, queueLimit, queueTimeoutMs: 1_000, cancelGraceMs: 500 });
  }

  call(tool: "echo" | "count", timeoutMs: number | null): void {
    const controller = new AbortController();
    const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    const { signal } = controller;
    const id = `call-${this.made.length}`;
    const made: Made = { id, controller, answers: 0 };
    this.made.push(made);
    const call = request(tool, { signal, deadline, correlationId: id });
    const answered = () => {
      made.answers += 1;
      if (!this.dispatched.includes(id)) this.forbidden.add(id);
    };
    const answer = tool === "echo" ? this.pool.execute(call) : this.pool.stream(call).next();
    answer.then(answered, (error: unknown) => {
      expect(error).toBeInstanceOf(SnakepitError);
      answered();
    });
  }

  abort(pick: number): void {
    const made = this.made[pick % this.made.length];
    if (made === undefined) return;
    if (!this.dispatched.includes(made.id)) this.forbidden.add(made.id);
    made.controller.abort();
  }

  answer(pick: number, fails: boolean): void {
    const held = this.launcher.alive.flatMap((worker) => worker.calls);
    const call = held[pick % held.length];
    if (call === undefined) return;
    if (fails) call.fail(new SnakepitError("PYTHON_EXCEPTION", "no"));
    else if (call.call.streaming) call.end();
    else call.value("yes");
  }

  launch(pick: number, fails: boolean): void {
    const { pending } = this.launcher;
    const launch = pending[pick % pending.length];
    if (fails) launch?.fail(new SnakepitError("WORKER_START_FAILED", "no"));
    else launch?.succeed();
  }

  crash(pick: number): void {
    const { alive } = this.launcher;
    alive[pick % alive.length]?.crash();
  }

  check(queueLimit: number): void {
    expect(this.#violations).toEqual([]);
    const stats = this.pool.stats();
    // No load is lost or leaked: the pool counts what its workers hold.
    const held = this.launcher.alive.reduce((sum, worker) => sum + worker.calls.length, 0);
    expect(stats.active).toBe(held);
    for (const worker of this.launcher.alive) expect(worker.calls.length).toBeLessThanOrEqual(worker.capacity);
    // No call waits while a worker could take it.
    if (stats.queued > 0) expect(stats.available).toBe(0);
    expect(stats.queued).toBeLessThanOrEqual(queueLimit);
    expect(stats.workers + stats.starting).toBeLessThanOrEqual(stats.wanted);
    // First come, first served.
    const order = this.dispatched.map((id) => Number(id.slice("call-".length)));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const { answers } of this.made) expect(answers).toBeLessThanOrEqual(1);
  }
}

test("whatever callers and workers do: each call is answered once, in order, and the pool recovers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ size: fc.integer({ min: 1, max: 4 }), capacity: fc.integer({ min: 1, max: 3 }) }),
      fc.integer({ min: 0, max: 8 }),
      fc.boolean(),
      steps,
      async ({ size, capacity }, queueLimit, deaf, script) => {
        const trial = new Trial(size, capacity, queueLimit, deaf);
        for (const step of script) {
          if (step.is === "execute") trial.call("echo", step.timeoutMs);
          else if (step.is === "stream") trial.call("count", null);
          else if (step.is === "abort") trial.abort(step.pick);
          else if (step.is === "answer") trial.answer(step.pick, step.fails);
          else if (step.is === "crash") trial.crash(step.pick);
          else if (step.is === "launch") trial.launch(step.pick, step.fails);
          else await vi.advanceTimersByTimeAsync(step.ms);
          await turn();
          trial.check(queueLimit);
        }
        // From now on everything succeeds: the pool must come back to its size, and every call to its end.
        trial.launcher.plan = (launch) => launch.succeed();
        const whole = { workers: size, available: size, busy: 0, active: 0, queued: 0, starting: 0 };
        const isWhole = () =>
          Object.entries(whole).every(([name, value]) => trial.pool.stats()[name as "busy"] === value);
        for (let round = 0; round < 200 && !isWhole(); round++) {
          for (const launch of trial.launcher.pending) launch.succeed();
          for (const worker of trial.launcher.alive) for (const call of [...worker.calls]) call.value("at last");
          await vi.advanceTimersByTimeAsync(1_000);
          await turn();
        }
        expect(trial.pool.stats()).toMatchObject(whole);
        for (const { answers } of trial.made) expect(answers).toBe(1);
        await trial.pool.close();
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
