import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { WorkerPool } from "@snakepit/pool";
import { expect, test, vi } from "vitest";
import { commonOptions } from "../testing/host-under-test.ts";
import { RandomCalls } from "../testing/random-calls.ts";
import { RandomNumbers, seedFrom } from "../testing/random-numbers.ts";

/** Random calls: 2,000 in the ordinary suite, 100,000 in the long form. */
const CALLS = LONG_TESTS ? 100_000 : 2_000;
/** Determines the calls. Their interleaving with the workers differs in each run. */
const SEED = seedFrom("SNAKEPIT_CALLS_SEED");

const options = commonOptions();

test("after random calls with crashes, cancellations and time-outs, every counter is zero and each call has ended once", {
  timeout: 300_000 + 15 * CALLS,
}, async () => {
  const started = vi.spyOn(WorkerPool.prototype, "start");
  const pools = started.mock.contexts as readonly WorkerPool[];
  await using calls = await RandomCalls.start(options(), pools, new RandomNumbers(SEED));
  expect(pools).toHaveLength(1);
  const since = performance.now();
  try {
    await calls.run(CALLS);
    expect(calls.leftovers()).toEqual([]);
    expect(await calls.answersAfterwards()).toBe(true);
    expect(calls.leftovers()).toEqual([]);
    for (const outcome of ["value", "PYTHON_EXCEPTION", "CANCELLED", "DEADLINE_EXCEEDED", "WORKER_CRASHED"]) {
      expect(calls.outcomes[outcome], outcome).toBeGreaterThan(0);
    }
  } finally {
    const seconds = Math.round((performance.now() - since) / 1_000);
    console.log(`SNAKEPIT_CALLS_SEED=${SEED}, ${seconds} s`, calls.outcomes);
    started.mockRestore();
  }
});
