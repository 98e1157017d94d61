import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { expect, test } from "vitest";
import { commonOptions } from "../testing/host-under-test.ts";
import { PrefetchSoak } from "../testing/prefetch-soak.ts";
import { seedFrom } from "../testing/random-numbers.ts";

/** Random operations: a few hundred in the ordinary suite, 20,000 in the long form. */
const STEPS = LONG_TESTS ? 20_000 : 300;
/** Determines the operations. Their interleaving with the workers differs in each run. */
const SEED = seedFrom("SNAKEPIT_SOAK_SEED");

const options = commonOptions();

test.each([8, "auto"] as const)(
  "no call is lost, runs twice or runs after it was given up, whatever happens (prefetch: %s)",
  { timeout: 300_000 + 30 * STEPS },
  async (prefetch) => {
    await using soak = await PrefetchSoak.start({ prefetch, ...options() }, SEED);
    try {
      await soak.run(STEPS);
      expect(soak.violations()).toEqual([]);
      if (prefetch !== "auto") expect(soak.summary["sent ahead"]).toBeGreaterThan(0);
      if (LONG_TESTS) console.log(`SNAKEPIT_SOAK_SEED=${SEED}`, soak.summary);
    } catch (failure) {
      console.log(`SNAKEPIT_SOAK_SEED=${SEED}`, soak.summary);
      throw failure;
    }
  },
);
