/** What a {@link SessionSweeper} does, and when. */
export interface SweeperOptions {
  readonly sweep: () => Promise<unknown>;
  /** Milliseconds between the end of a sweep and the next one; `Infinity` never sweeps. */
  readonly intervalMs: number;
  /** Told that a sweep failed. The next one is tried all the same. */
  readonly failed: (error: unknown) => void;
}

/** Sweeps again and again, until it is closed. */
export class SessionSweeper {
  readonly #options: SweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#sweepLater();
  }

  /** Begins no further sweep, and resolves when the one that is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  #sweepLater(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep();
    }, intervalMs);
    // What keeps the process alive is the host, not this.
    this.#timer.unref();
  }

  async #sweep(): Promise<void> {
    try {
      await this.#options.sweep();
    } catch (thrown) {
      this.#options.failed(thrown);
    }
    this.#sweepLater();
  }
}
