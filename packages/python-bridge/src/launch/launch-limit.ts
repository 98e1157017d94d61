import { type Unsubscribe, watchAbort } from "@snakepit/core";

/** A launch was aborted or timed out. */
export class LaunchLimitReached extends Error {
  override readonly name = "LaunchLimitReached";
  readonly by: "abort" | "time-out";

  constructor(by: "abort" | "time-out") {
    super(by);
    this.by = by;
  }
}

/** The limit of a launch: the caller's signal and a time-out. */
export class LaunchLimit {
  readonly #reached = Promise.withResolvers<never>();
  readonly #unwatch: Unsubscribe | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal) {
    // Each race handles the rejection. Between two races, it would be unhandled.
    this.#reached.promise.catch(() => {});
    if (signal.aborted) this.#reach("abort");
    else this.#unwatch = watchAbort(signal, () => this.#reach("abort"));
  }

  /** Starts the time-out. */
  timeOutAfter(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.#reach("time-out"), timeoutMs);
  }

  /**
   * Settles as `work` does, or rejects when the limit is reached.
   *
   * @throws LaunchLimitReached
   */
  race<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([this.#reached.promise, work]);
  }

  /** Stops watching the signal and the time. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#unwatch?.();
  }

  #reach(by: "abort" | "time-out"): void {
    this.#reached.reject(new LaunchLimitReached(by));
  }
}
