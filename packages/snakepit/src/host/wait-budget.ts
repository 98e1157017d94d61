/** Bounds the time that several operations are waited for together. Time in which none is waited for does not count. */
export class WaitBudget {
  #remainingMs: number;
  /** Since when operations are waited for; `undefined` while none is, or before {@link start}. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  readonly #waiting = new Set<() => void>();

  constructor(totalMs: number) {
    this.#remainingMs = totalMs;
  }

  /** Milliseconds that are left; at least 0. */
  get remainingMs(): number {
    const spent = this.#since === undefined ? 0 : performance.now() - this.#since;
    return Math.max(0, this.#remainingMs - spent);
  }

  /** Begins to count, also for the operations that are being waited for. */
  start(): void {
    this.#isStarted = true;
    if (this.#waiting.size > 0) this.#run();
  }

  /** The result of an operation; rejects with the error that `late` returns when the time is over first. */
  within<Result>(operation: Promise<Result>, late: () => Error): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(late());
      this.#waiting.add(giveUp);
      if (this.#isStarted) this.#run();
      const settled = () => {
        this.#waiting.delete(giveUp);
        if (this.#waiting.size === 0) this.#pause();
      };
      operation.then(resolve, reject).finally(settled);
    });
  }

  #run(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#expire(), this.#remainingMs);
  }

  #pause(): void {
    this.#remainingMs = this.remainingMs;
    this.#since = undefined;
    clearTimeout(this.#timer);
  }

  #expire(): void {
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
    this.#remainingMs = 0;
    this.#since = undefined;
  }
}
