/**
 * Determines when the next worker may start: at most one batch at the same time, with a pause after each batch.
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
   * Returns the milliseconds until another worker may start while `starting` workers are starting; 0 for now, `Infinity` if
   * one of them must finish first.
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

/** The number of consecutive failures after which a worker is still replaced at once: a single failure may be accidental. */
const FREE_RESTARTS = 1;

/** The delays between attempts to start a worker. */
export interface RestartPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Returns the milliseconds before the next attempt of a slot: none after its first failure, then doubled with each further
 * failure up to `maxMs`, which a pool with too many failures always waits. Half of the delay is random, so that workers that
 * failed together do not restart together.
 *
 * @param failures consecutive failures of this slot.
 * @param random a number from 0 to 1.
 */
export function restartDelay(failures: number, slow: boolean, policy: RestartPolicy, random: number): number {
  if (failures <= FREE_RESTARTS && !slow) return 0;
  const doubled = policy.initialMs * 2 ** (failures - FREE_RESTARTS - 1);
  const delay = slow ? policy.maxMs : Math.min(doubled, policy.maxMs);
  return delay * (0.5 + random / 2);
}
