/** Bytes of a stream that may be on their way or waiting to be consumed. */
const BYTES_IN_FLIGHT = 1024 * 1024;
const FEWEST_CHUNKS = 2;
const MOST_CHUNKS = 256;
const FIRST_CHUNKS = 8;

/**
 * How many chunks a producer may be ahead of its consumer. The window follows the size of the chunks: about 1 MiB on its
 * way, never fewer than 2 chunks or more than 256. It starts with 8, since the size is not known then, doubles whenever
 * that many have been consumed, and shrinks at once when chunks turn out to be large.
 */
export class CreditWindow {
  /** Credit that the producer gets with the call. */
  static readonly initial = FIRST_CHUNKS;
  /** Chunks that may be granted and not consumed. */
  #window = FIRST_CHUNKS;
  #limit = MOST_CHUNKS;
  #granted = FIRST_CHUNKS;
  #arrived = 0;
  #consumed = 0;
  /** How many chunks are to be consumed before the window may double. */
  #growsAt = FIRST_CHUNKS;
  /** Size of the chunks in bytes: rises at once, falls slowly. */
  #chunkBytes = 0;

  /** Chunks that the producer may still send. */
  get outstanding(): number {
    return this.#granted - this.#arrived;
  }

  /** A chunk arrived. */
  arrived(byteLength: number): void {
    this.#arrived += 1;
    const shrunk = this.#chunkBytes - (this.#chunkBytes - byteLength) / 8;
    this.#chunkBytes = Math.max(byteLength, shrunk);
    this.#limit = Math.max(FEWEST_CHUNKS, Math.min(MOST_CHUNKS, Math.floor(BYTES_IN_FLIGHT / this.#chunkBytes)));
    if (this.#window > this.#limit) this.#window = this.#limit;
  }

  /** A chunk was consumed; returns how many more to grant, which is none most of the time: half a window goes at once. */
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
}
