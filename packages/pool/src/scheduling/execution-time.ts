/** The expected milliseconds of a tool that has not been measured: long enough that nothing is sent ahead. */
const UNKNOWN_MS = 1_000;
/** The weight of a measurement that is longer than expected, and of one that is shorter. */
const WEIGHT_OF_LONGER = 0.25;
const WEIGHT_OF_SHORTER = 0.05;

/**
 * The expected execution time of a tool: a moving average of what its workers report. It rises faster than it falls,
 * because a call that was sent behind a long one has to be recalled, while a call that was not sent ahead only costs
 * a round trip.
 */
export class ExecutionTime {
  expectedMs = UNKNOWN_MS;
  #isKnown = false;

  record(executionMs: number): void {
    if (!this.#isKnown) {
      this.#isKnown = true;
      this.expectedMs = executionMs;
      return;
    }
    const excess = executionMs - this.expectedMs;
    this.expectedMs += excess * (excess > 0 ? WEIGHT_OF_LONGER : WEIGHT_OF_SHORTER);
  }
}

/** The expected time of a tool of which nothing is known. */
export const UNKNOWN_TIME = new ExecutionTime();
