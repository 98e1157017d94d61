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

/** Failures in a row after which a worker is still replaced at once: bad luck is over then, and anything else shows soon. */
const FREE_RESTARTS = 1;

/** How long a pool waits between attempts. */
export interface RestartPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds to wait before the next attempt of a slot: none after its first failure, then twice as long with each
 * further one, up to `maxMs`, which a pool with too many failures waits always. Half of it is random, so that workers that failed
 * together do not come back together.
 *
 * @param failures of this slot, in a row.
 * @param random a number from 0 to 1.
 */
export function restartDelay(failures: number, slow: boolean, policy: RestartPolicy, random: number): number {
  if (failures <= FREE_RESTARTS && !slow) return 0;
  const doubled = policy.initialMs * 2 ** (failures - FREE_RESTARTS - 1);
  const delay = slow ? policy.maxMs : Math.min(doubled, policy.maxMs);
  return delay * (0.5 + random / 2);
}
