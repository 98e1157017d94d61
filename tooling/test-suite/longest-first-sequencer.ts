import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that took longer than this in the last run, in milliseconds, start first. */
const LONG_MS = 5_000;

/**
 * Runs the long files first, longest first, and all others in random order. A long file that starts last keeps one
 * processor busy while the other idles. Durations come from the last run in this clone; without one, the order is random.
 */
export class LongestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const durationOf = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0;
    const long = files.filter((file) => durationOf(file) > LONG_MS);
    const others = files.filter((file) => !long.includes(file));
    return [...long.sort((a, b) => durationOf(b) - durationOf(a)), ...shuffled(others, this.ctx.config.sequence.seed)];
  }
}

/** A Fisher-Yates shuffle with a linear congruential generator (Numerical Recipes, 3rd ed., section 7.1.4). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed >>> 0;
  for (let index = result.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
