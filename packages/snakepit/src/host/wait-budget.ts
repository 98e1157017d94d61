type BudgetState =
  /** The limit is not in effect yet. */
  | { readonly is: "new" }
  /** No operation is pending. */
  | { readonly is: "paused" }
  | { readonly is: "running"; readonly since: number; readonly timer: NodeJS.Timeout };

/**
 * Limits the total time that a caller waits for several operations. Time without a pending operation does not count.
 */
export class WaitBudget {
  #remainingMs: number;
  #state: BudgetState = { is: "new" };
  readonly #waiting = new Set<() => void>();

  constructor(totalMs: number) {
    this.#remainingMs = totalMs;
  }

  /** Remaining milliseconds; at least 0. */
  get remainingMs(): number {
    const spent = this.#state.is === "running" ? performance.now() - this.#state.since : 0;
    return Math.max(0, this.#remainingMs - spent);
  }

  /** Starts the limit, which includes pending operations. */
  start(): void {
    if (this.#state.is === "new") this.#state = { is: "paused" };
    if (this.#waiting.size > 0) this.#run();
  }

  /**
   * Resolves with the result of an operation, or rejects with the error that `late` returns when the time runs out
   * first.
   */
  within<Result>(operation: Promise<Result>, late: () => Error): Promise<Result> {
    return new Promise((resolve, reject) => {
      const expire = () => reject(late());
      this.#waiting.add(expire);
      this.#run();
      const settled = () => {
        this.#waiting.delete(expire);
        if (this.#waiting.size === 0) this.#pause();
      };
      operation.then(resolve, reject).finally(settled);
    });
  }

  #run(): void {
    if (this.#state.is !== "paused") return;
    const timer = setTimeout(() => this.#expire(), this.#remainingMs);
    this.#state = { is: "running", since: performance.now(), timer };
  }

  #pause(): void {
    if (this.#state.is !== "running") return;
    clearTimeout(this.#state.timer);
    this.#remainingMs = this.remainingMs;
    this.#state = { is: "paused" };
  }

  #expire(): void {
    for (const expire of this.#waiting) expire();
    this.#waiting.clear();
    this.#remainingMs = 0;
    this.#state = { is: "paused" };
  }
}
