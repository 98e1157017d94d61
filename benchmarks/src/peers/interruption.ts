const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends the processes that were started with its signal when this process is interrupted, and then this one. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();

  constructor() {
    for (const each of SIGNALS) process.on(each, this.#onSignal);
  }

  /** Aborted at the interruption. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const each of SIGNALS) process.off(each, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals) => {
    this[Symbol.dispose]();
    this.#controller.abort();
    // Without the handler, it has its default effect.
    process.kill(process.pid, signal);
  };
}
