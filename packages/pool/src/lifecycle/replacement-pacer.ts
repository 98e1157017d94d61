/** The milliseconds between the starts of two replacements, divided by the number of processors. */
const SPACING_MS = 3_000;

/**
 * Determines when the next replacement of a running worker may start, so that calls do not wait for a processor that
 * starts or ends workers. A fork occupies one processor for a few milliseconds, so a few calls of a pool with
 * 1,000 calls per second wait for each replacement; the spacing keeps them at about 1 % of the calls. If no call was
 * answered since the latest replacement was started, the next one starts as soon as that one is ready.
 */
export class ReplacementPacer {
  readonly #spacingMs: number;
  #launchedAt = Number.NEGATIVE_INFINITY;
  #answeredThen = 0;

  /** @param processors the number of processors that the workers can use. */
  constructor(processors: number) {
    this.#spacingMs = SPACING_MS / processors;
  }

  /**
   * Returns the milliseconds until another replacement may start.
   *
   * @param starting the number of replacements that are starting.
   * @param answered the number of calls that the pool has answered.
   */
  waitMs(now: number, starting: number, answered: number): number {
    if (starting === 0 && answered === this.#answeredThen) return 0;
    return Math.max(0, this.#launchedAt + this.#spacingMs - now);
  }

  /** Records the start of a replacement. */
  launched(now: number, answered: number): void {
    this.#launchedAt = now;
    this.#answeredThen = answered;
  }
}
