import { randomInt } from "node:crypto";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MOST_WORKERS, PoolTrial, type TrialOptions } from "../testing/pool-trial.ts";
import { turn } from "../testing/pool-under-test.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs of up to 80 steps, and the fewest steps that all of them must execute. */
const { runs, fewestSteps } = LONG_TESTS ? { runs: 46_000, fewestSteps: 1_000_000 } : { runs: 300, fewestSteps: 5_000 };

const sessionId = fc.constantFrom("a", "b", "c");
const called = {
  sessionId: fc.option(sessionId, { freq: 1 }),
  affinity: fc.constantFrom("hint" as const, "strict-queue" as const, "strict-fail" as const),
};

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        is: fc.constant("execute" as const),
        tool: fc.constantFrom("echo" as const, "sleep" as const),
        timeoutMs: fc.option(fc.nat(2_000)),
        ...called,
      }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("stream" as const), ...called }) },
    { weight: 3, arbitrary: fc.record({ is: fc.constant("abort" as const), pick: fc.nat() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        is: fc.constant("answer" as const),
        pick: fc.nat(),
        fails: fc.boolean(),
        executionMs: fc.constantFrom(0.02, 0.02, 0.02, 0.4, 50),
      }),
    },
    { weight: 3, arbitrary: fc.record({ is: fc.constant("start ahead" as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("finish" as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("deliver" as const) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("crash" as const), pick: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant("recycle" as const),
        pick: fc.nat(),
        abortAfterMs: fc.option(fc.nat(1_000), { freq: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("drain" as const), pick: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ is: fc.constant("resize" as const), size: fc.integer({ min: 1, max: MOST_WORKERS }) }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("reload" as const), fails: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("end session" as const), sessionId }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("launch" as const), pick: fc.nat(), fails: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("wait" as const), ms: fc.nat(1_500) }) },
  ),
  { maxLength: 80, size: "max" },
);

type Step = typeof steps extends fc.Arbitrary<(infer Each)[]> ? Each : never;

/** Executes a step; returns false if it had no effect, because there was nothing to pick from. */
async function take(trial: PoolTrial, step: Step): Promise<boolean> {
  switch (step.is) {
    case "execute":
      trial.call(step);
      return true;
    case "stream":
      trial.call({ ...step, tool: "count", timeoutMs: null });
      return true;
    case "abort":
      return trial.abort(step.pick);
    case "answer":
      return trial.answer(step.pick, step.fails, step.executionMs);
    case "start ahead":
      return trial.startAhead(step.pick);
    case "finish":
      return trial.finish(step.pick);
    case "deliver":
      return trial.deliver();
    case "crash":
      return trial.crash(step.pick);
    case "recycle":
      return trial.recycle(step.pick, step.abortAfterMs);
    case "drain":
      return trial.drain(step.pick);
    case "resize":
      trial.resize(step.size);
      return true;
    case "reload":
      trial.reload(step.fails);
      return true;
    case "end session":
      trial.endSession(step.sessionId);
      return true;
    case "launch":
      return trial.launch(step.pick, step.fails);
    case "wait":
      await vi.advanceTimersByTimeAsync(step.ms);
      if (step.ms > 5) trial.expectNoneHeld();
      return true;
    default:
      return step satisfies never;
  }
}

const UNBOUND = { sessionId: null, affinity: "hint" } as const;
const STREAM = { is: "stream", ...UNBOUND } as const;
const EXECUTE = { is: "execute", tool: "echo", timeoutMs: null, ...UNBOUND } as const;
/** A reload that waits for a replacement whose only caller gives up. */
const RELOAD_DURING_A_CANCELLED_REPLACEMENT: [TrialOptions, number, Step[]] = [
  { size: 1, capacity: 1, queueLimit: 0, ignoresCancel: false, prefetch: "auto", maxConcurrent: undefined },
  1,
  [
    { is: "recycle", pick: 0, abortAfterMs: 0 },
    { is: "reload", fails: false },
    { is: "wait", ms: 0 },
  ],
];
/** The replacement of a reload waits for one that is cancelled. */
const RELOAD_BEHIND_A_CANCELLED_REPLACEMENT: [TrialOptions, number, Step[]] = [
  { ...RELOAD_DURING_A_CANCELLED_REPLACEMENT[0], size: 2 },
  2,
  RELOAD_DURING_A_CANCELLED_REPLACEMENT[2],
];
/** The answer of a cancelled call is late, while the worker executes another one. */
const REPLACED_NEXT_TO_A_RUNNING_CALL: [TrialOptions, number, Step[]] = [
  { size: 1, capacity: 2, queueLimit: 0, ignoresCancel: false, prefetch: "auto", maxConcurrent: undefined },
  1,
  [{ ...EXECUTE, timeoutMs: 1 }, { is: "finish", pick: 0 }, EXECUTE, { is: "wait", ms: 501 }],
];
/** A worker whose answer to a cancelled call is late has started a call that was sent ahead. */
const KILLED_AFTER_A_CALL_AHEAD_HAS_STARTED: [TrialOptions, number, Step[]] = [
  { size: 1, capacity: 1, queueLimit: 1, ignoresCancel: false, prefetch: 5, maxConcurrent: undefined },
  1,
  [
    { ...EXECUTE, timeoutMs: 1 },
    { is: "finish", pick: 0 },
    EXECUTE,
    { is: "start ahead", pick: 0 },
    { is: "wait", ms: 501 },
  ],
];
/** The last call is ahead of the second worker when the third one becomes ready and the first one has a free place. */
const STALLED_NEXT_TO_AN_IDLE_WORKER: [TrialOptions, number, Step[]] = [
  { size: 3, capacity: 2, queueLimit: 5, ignoresCancel: false, prefetch: 1, maxConcurrent: undefined },
  0,
  [STREAM, { ...EXECUTE, timeoutMs: 1 }, STREAM, EXECUTE, EXECUTE],
];

test(
  "under any actions of callers, sessions and workers, each call is answered once, in order, and the pool recovers",
  async () => {
    const seed = fc.readConfigureGlobal().seed ?? randomInt(2 ** 31);
    let taken = 0;
    let executed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 1, max: MOST_WORKERS }),
          capacity: fc.integer({ min: 1, max: 3 }),
          queueLimit: fc.integer({ min: 0, max: 8 }),
          ignoresCancel: fc.boolean(),
          prefetch: fc.constantFrom("auto" as const, 0, 1, 5),
          maxConcurrent: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        }),
        fc.nat(4),
        steps,
        async (options, ready, script) => {
          const trial = new PoolTrial(options);
          for (const launch of trial.launcher.pending.slice(0, ready)) launch.succeed();
          await turn();
          for (const step of script) {
            taken += 1;
            if (await take(trial, step)) executed += 1;
            await turn();
            expect(trial.violations()).toEqual([]);
          }
          // All later launches succeed: the pool must recover its size, and every call must end.
          trial.launcher.plan = (launch) => launch.succeed();
          const { size } = trial.pool.stats();
          const whole = { workers: size, available: size, busy: 0, active: 0, queued: 0, starting: 0 };
          const isWhole = () =>
            trial.pending === 0 &&
            Object.entries(whole).every(([name, value]) => trial.pool.stats()[name as "busy"] === value);
          for (let round = 0; round < 200 && !isWhole(); round++) {
            for (const launch of trial.launcher.pending) launch.succeed();
            trial.deliver(true);
            for (const worker of trial.launcher.alive) {
              for (const call of [...worker.calls]) call.value("at last");
              worker.startAhead();
            }
            await vi.advanceTimersByTimeAsync(1_000);
            await turn();
            expect(trial.violations()).toEqual([]);
          }
          expect(trial.pool.stats()).toMatchObject(whole);
          expect(trial.pending).toBe(0);
          for (const { answers } of trial.made) expect(answers).toBe(1);
          await trial.pool.close();
        },
      ),
      {
        numRuns: runs,
        seed,
        examples: [
          STALLED_NEXT_TO_AN_IDLE_WORKER,
          RELOAD_DURING_A_CANCELLED_REPLACEMENT,
          RELOAD_BEHIND_A_CANCELLED_REPLACEMENT,
          REPLACED_NEXT_TO_A_RUNNING_CALL,
          KILLED_AFTER_A_CALL_AHEAD_HAS_STARTED,
        ],
      },
    );
    console.log(`${executed} steps executed, ${taken - executed} without effect, seed ${seed}`);
    expect(executed).toBeGreaterThanOrEqual(fewestSteps);
  },
  300_000 + runs * 100,
);
