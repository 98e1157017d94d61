import { Fifo } from "@snakepit/core";

/** Further failed starts in a row that are tolerated once a worker has started: what has worked may work again soon. */
const PATIENCE = 8;

/**
 * Distinguishes accidental failures from a pool whose workers cannot run. It counts starts that did not succeed, and
 * workers that died before they were useful.
 */
export class RestartIntensity {
  readonly #maxRestarts: number;
  readonly #withinMs: number;
  readonly #maxStartsInARow: number;
  /** When the latest failures were, one more than are allowed. */
  readonly #failures = new Fifo<number>();
  #startsFailedInARow = 0;
  #everStarted = false;

  /**
   * @param maxRestarts failures that are tolerated within `withinMs`.
   * @param maxStartsInARow failed starts in a row, however slowly, after which no further one is expected to succeed;
   *   some more once a worker has started.
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

  /** Whether there are too many failures. */
  exceeded(now: number): boolean {
    const patience = this.#everStarted ? PATIENCE : 0;
    return this.#startsFailedInARow >= this.#maxStartsInARow + patience || now < this.calmAt();
  }

  /** When enough of the failures will be long ago, if no more come. */
  calmAt(): number {
    const earliest = this.#failures.peek();
    if (earliest === undefined || this.#failures.length <= this.#maxRestarts) return Number.NEGATIVE_INFINITY;
    return earliest + this.#withinMs;
  }
}
