import { setImmediate } from "node:timers/promises";

/** Makes calls from a number of callers until it is stopped, and keeps their outcomes. */
export class Traffic {
  /** The number of calls that have been answered. */
  answered = 0;
  readonly #values: unknown[] = [];
  readonly #failures: unknown[] = [];
  readonly #callers: Promise<void>[];
  #calls = 0;
  #isStopped = false;

  /**
   * @param callers number of calls that are in flight at a time.
   * @param call makes a call; its parameter is the number of earlier calls.
   */
  constructor(callers: number, call: (index: number) => Promise<unknown>) {
    this.#callers = Array.from({ length: callers }, () => this.#run(call));
  }

  /** Stops and resolves with the outcomes of all calls. */
  async stop(): Promise<{ readonly values: readonly unknown[]; readonly failures: readonly unknown[] }> {
    this.#isStopped = true;
    await Promise.all(this.#callers);
    return { values: this.#values, failures: this.#failures };
  }

  async #run(call: (index: number) => Promise<unknown>): Promise<void> {
    while (!this.#isStopped) {
      const index = this.#calls;
      this.#calls += 1;
      try {
        this.#values.push(await call(index));
      } catch (thrown) {
        this.#failures.push(thrown);
        // A host that is closed by a failed test rejects at once, and the event loop must continue.
        await setImmediate();
      }
      this.answered += 1;
    }
  }
}
