import { Fifo } from "@snakepit/core";

/**
 * Additional consecutive failed starts that are tolerated once a worker has started, because the fault may be
 * temporary.
 */
const EXTRA_FAILED_STARTS = 8;

/**
 * Distinguishes accidental failures from a pool whose workers cannot run. Counts failed starts, and workers that died
 * before they answered a call or had run for long.
 */
export class RestartIntensity {
  readonly #maxRestarts: number;
  readonly #withinMs: number;
  readonly #maxStartsInARow: number;
  /** The times of the latest failures, one more than are allowed. */
  readonly #failures = new Fifo<number>();
  #startsFailedInARow = 0;
  #everStarted = false;

  /**
   * @param maxRestarts the number of failures that are tolerated within `withinMs`.
   * @param maxStartsInARow the number of consecutive failed starts, at any rate, that are tolerated; increased once a
   *   worker has started.
   */
  constructor(maxRestarts: number, withinMs: number, maxStartsInARow: number) {
    this.#maxRestarts = maxRestarts;
    this.#withinMs = withinMs;
    this.#maxStartsInARow = maxStartsInARow;
  }

  started(): void {
    this.#startsFailedInARow = 0;
    this.#everStarted = true;
  }

  startFailed(now: number): void {
    this.#startsFailedInARow += 1;
    this.failed(now);
  }

  failed(now: number): void {
    this.#failures.push(now);
    if (this.#failures.length > this.#maxRestarts + 1) this.#failures.shift();
  }

  /** Whether the number of failures exceeds a limit. */
  exceeded(now: number): boolean {
    const extra = this.#everStarted ? EXTRA_FAILED_STARTS : 0;
    return this.#startsFailedInARow >= this.#maxStartsInARow + extra || now < this.recoversAt();
  }

  /** Returns when the intensity is no longer exceeded if no more failures occur. */
  recoversAt(): number {
    const earliest = this.#failures.peek();
    if (earliest === undefined || this.#failures.length <= this.#maxRestarts) return Number.NEGATIVE_INFINITY;
    return earliest + this.#withinMs;
  }
}
