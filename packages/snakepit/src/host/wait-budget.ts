type BudgetState =
  /** Operations are not limited yet. */
  | { readonly is: "new" }
  /** No operation is waited for. */
  | { readonly is: "paused" }
  | { readonly is: "running"; readonly since: number; readonly timer: NodeJS.Timeout };

/** Bounds the time that several operations are waited for together. Time in which none is waited for does not count. */
export class WaitBudget {
  #remainingMs: number;
  #state: BudgetState = { is: "new" };
  readonly #waiting = new Set<() => void>();

  constructor(totalMs: number) {
    this.#remainingMs = totalMs;
  }

  /** Milliseconds that are left; at least 0. */
  get remainingMs(): number {
    const spent = this.#state.is === "running" ? performance.now() - this.#state.since : 0;
    return Math.max(0, this.#remainingMs - spent);
  }

  /** Begins to count, also for the operations that are being waited for. */
  start(): void {
    if (this.#state.is === "new") this.#state = { is: "paused" };
    if (this.#waiting.size > 0) this.#run();
  }

  /** Resolves with the result of an operation; rejects with the error that `late` returns when the time is up first. */
  within<Result>(operation: Promise<Result>, late: () => Error): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(late());
      this.#waiting.add(giveUp);
      this.#run();
      const settled = () => {
        this.#waiting.delete(giveUp);
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
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
    this.#remainingMs = 0;
    this.#state = { is: "paused" };
  }
}
