/** Determines how far the source of a stream may be ahead of its consumer. */
export interface StreamWindow {
  /** The number of values that the source may send before it is granted more. */
  readonly initial: number;
  /** The number of values that the source may still send. */
  readonly outstanding: number;
  /** Records the arrival of a value of this many bytes. */
  arrived(byteLength: number): void;
  /** Records that a value was consumed. Returns the number of further values to grant. */
  consumed(): number;
  /** Records that the consumer waits for a value. Returns the number of further values to grant. */
  awaited(): number;
}

/** The maximum number of bytes of a stream that are in flight or buffered. */
const BYTES_IN_FLIGHT = 1024 * 1024;
const FEWEST_VALUES = 2;
const MOST_VALUES = 256;
/** The maximum for a consumer that takes at most {@link FAST_MS} for a window. */
const MOST_FAST_VALUES = 1024;
/** Milliseconds; longer than either process usually waits for a processor. */
const FAST_MS = 50;
const FIRST_VALUES = 8;

/**
 * A window for sources behind a connection. It depends on the size of the values: about 1 MiB in flight, but at least 2
 * and at most 256 values. It starts at 8, because the size is unknown then. It doubles whenever that many values have
 * been consumed, and shrinks at once if values are large. While the consumer takes at most 50 ms for a window, it grows
 * up to 1,024 values, so that neither side waits for the other when one of them has no processor for some milliseconds.
 * Half a window is granted at a time.
 */
export class CreditWindow implements StreamWindow {
  static readonly initial = FIRST_VALUES;
  readonly initial = FIRST_VALUES;
  /** The maximum number of values that are granted and not consumed. */
  #window = FIRST_VALUES;
  #limit = MOST_VALUES;
  #granted = FIRST_VALUES;
  #arrived = 0;
  #consumed = 0;
  /** The number of consumed values at which the window may change. */
  #changesAt = FIRST_VALUES;
  /** When the window last could change, on the clock. */
  #changedAt: number;
  readonly #now: () => number;
  /** The estimated size of a value in bytes: increases at once, decreases slowly. */
  #valueBytes = 0;

  /** @param now returns milliseconds on a monotonic clock. Default: that of the process. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#changedAt = now();
  }

  get outstanding(): number {
    return this.#granted - this.#arrived;
  }

  arrived(byteLength: number): void {
    this.#arrived += 1;
    const shrunk = this.#valueBytes - (this.#valueBytes - byteLength) / 8;
    this.#valueBytes = Math.max(byteLength, shrunk);
    this.#limit = Math.max(FEWEST_VALUES, Math.min(MOST_FAST_VALUES, Math.floor(BYTES_IN_FLIGHT / this.#valueBytes)));
    if (this.#window > this.#limit) this.#window = this.#limit;
  }

  /** Returns 0 for most values: half a window is granted at a time. */
  consumed(): number {
    this.#consumed += 1;
    if (this.#consumed >= this.#changesAt) this.#change();
    const open = this.#window - (this.#granted - this.#consumed);
    if (open * 2 < this.#window) return 0;
    this.#granted += open;
    return open;
  }

  awaited(): number {
    return 0;
  }

  #change(): void {
    const now = this.#now();
    const isFast = now - this.#changedAt <= FAST_MS;
    this.#changedAt = now;
    this.#window = Math.min(this.#window * 2, this.#limit, isFast ? MOST_FAST_VALUES : MOST_VALUES);
    this.#changesAt = this.#consumed + this.#window;
  }
}

/** A window of constant size: consumed values are granted again, one by one or several at a time. */
export class FixedWindow implements StreamWindow {
  readonly initial: number;
  readonly #step: number;
  #outstanding: number;
  #consumed = 0;

  /**
   * @param size the maximum number of values that are granted and not consumed; at least 1.
   * @param step the number of values that are granted at a time, at most `size`. Default: 1. A larger step needs fewer
   *   messages.
   */
  constructor(size: number, step = 1) {
    this.initial = size;
    this.#step = step;
    this.#outstanding = size;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  arrived(): void {
    this.#outstanding -= 1;
  }

  consumed(): number {
    this.#consumed += 1;
    if (this.#consumed < this.#step) return 0;
    this.#consumed = 0;
    this.#outstanding += this.#step;
    return this.#step;
  }

  awaited(): number {
    return 0;
  }
}

/**
 * A window for sources whose values become outdated in a buffer: nothing is produced ahead of the consumer, and each
 * `next()` requests one value.
 */
export class DemandWindow implements StreamWindow {
  readonly initial = 0;
  #outstanding = 0;

  get outstanding(): number {
    return this.#outstanding;
  }

  arrived(): void {
    this.#outstanding -= 1;
  }

  consumed(): number {
    return 0;
  }

  awaited(): number {
    this.#outstanding += 1;
    return 1;
  }
}
