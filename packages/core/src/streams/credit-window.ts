/** Decides how far the source of a stream may be ahead of its consumer. */
export interface StreamWindow {
  /** Values that the source may send before it is granted more. */
  readonly initial: number;
  /** Values that the source may still send. */
  readonly outstanding: number;
  /** A value of this many bytes arrived. */
  arrived(byteLength: number): void;
  /** A value was consumed; returns how many more to grant. */
  consumed(): number;
  /** The consumer waits for a value, and none is there; returns how many more to grant. */
  awaited(): number;
}

/** Bytes of a stream that may be on their way or waiting to be consumed. */
const BYTES_IN_FLIGHT = 1024 * 1024;
const FEWEST_VALUES = 2;
const MOST_VALUES = 256;
const FIRST_VALUES = 8;

/**
 * A window for sources behind a connection. It follows the size of the values: about 1 MiB on its way, never fewer than 2
 * values or more than 256. It starts with 8, since the size is not known then, doubles whenever that many have been
 * consumed, and shrinks at once when values turn out to be large. Half a window is granted at a time.
 */
export class CreditWindow implements StreamWindow {
  static readonly initial = FIRST_VALUES;
  readonly initial = FIRST_VALUES;
  /** Values that may be granted and not consumed. */
  #window = FIRST_VALUES;
  #limit = MOST_VALUES;
  #granted = FIRST_VALUES;
  #arrived = 0;
  #consumed = 0;
  /** How many values are to be consumed before the window may double. */
  #growsAt = FIRST_VALUES;
  /** Size of the values in bytes: rises at once, falls slowly. */
  #valueBytes = 0;

  get outstanding(): number {
    return this.#granted - this.#arrived;
  }

  arrived(byteLength: number): void {
    this.#arrived += 1;
    const shrunk = this.#valueBytes - (this.#valueBytes - byteLength) / 8;
    this.#valueBytes = Math.max(byteLength, shrunk);
    this.#limit = Math.max(FEWEST_VALUES, Math.min(MOST_VALUES, Math.floor(BYTES_IN_FLIGHT / this.#valueBytes)));
    if (this.#window > this.#limit) this.#window = this.#limit;
  }

  /** Returns 0 most of the time: half a window is granted at once. */
  consumed(): number {
    this.#consumed += 1;
    if (this.#consumed >= this.#growsAt && this.#window < this.#limit) {
      this.#window = Math.min(this.#window * 2, this.#limit);
      this.#growsAt = this.#consumed + this.#window;
    }
    const open = this.#window - (this.#granted - this.#consumed);
    if (open * 2 < this.#window) return 0;
    this.#granted += open;
    return open;
  }

  awaited(): number {
    return 0;
  }
}

/** A window of constant size: what is consumed is granted again, at once or several values at a time. */
export class FixedWindow implements StreamWindow {
  readonly initial: number;
  readonly #step: number;
  #outstanding: number;
  #consumed = 0;

  /**
   * @param size values that may be granted and not consumed; at least 1.
   * @param step values that are granted at a time, at most `size`; 1 by default. More of them need fewer messages.
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
 * A window for sources whose values get old while they wait: nothing is produced ahead of the consumer, and each `next()`
 * asks for one value.
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
