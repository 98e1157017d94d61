/**
 * The number of passed and failed tests. An error outside of a test, such as a file that cannot be loaded, counts as
 * one failure.
 */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** For each failure: the name of the test and the beginning of its message. */
  readonly failures: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, each) => ({
      passed: all.passed + each.passed,
      failed: all.failed + each.failed,
      skipped: all.skipped + each.skipped,
      failures: [...all.failures, ...each.failures],
    }),
    NOTHING,
  );
}

/** Returns the last line of a run, which CI parses. */
export function closingLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** Adds a failure if the runner exited with an error although its report has no failed test. */
export function withExitCode(tally: Tally, exitCode: number): Tally {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** Adds the failure of a run that left processes behind, described by `left`. Undefined adds nothing. */
export function withLeftovers(tally: Tally, left: string | undefined): Tally {
  return left === undefined ? tally : { ...tally, failed: tally.failed + 1, failures: [...tally.failures, left] };
}
