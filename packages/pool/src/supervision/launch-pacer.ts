/**
 * Determines when the next worker may be started: at most a batch of them at the same time, with a pause after each
 * batch.
 */
export class LaunchPacer {
  readonly #batchSize: number;
  readonly #delayMs: number;
  #launched = 0;
  #resumesAt = Number.NEGATIVE_INFINITY;

  constructor(batchSize: number, delayMs: number) {
    this.#batchSize = batchSize;
    this.#delayMs = delayMs;
  }

  /**
   * Milliseconds until another worker may be started while `starting` are under way; 0 is now, `Infinity` when one of
   * those has to finish first.
   */
  waitMs(now: number, starting: number): number {
    if (starting >= this.#batchSize) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#resumesAt - now);
  }

  launched(now: number): void {
    this.#launched += 1;
    if (this.#launched % this.#batchSize === 0) this.#resumesAt = now + this.#delayMs;
  }
}
