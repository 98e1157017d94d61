import { type Unsubscribe, watchAbort } from "@snakepit/core";

/** What ended a launch from outside. */
export class LaunchLimitReached extends Error {
  override readonly name = "LaunchLimitReached";
  readonly by: "abort" | "time-out";

  constructor(by: "abort" | "time-out") {
    super(by);
    this.by = by;
  }
}

/** How long a launch may go on: until the caller's signal aborts, or its time is up. */
export class LaunchLimit {
  readonly #reached = Promise.withResolvers<never>();
  readonly #unwatch: Unsubscribe | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal) {
    // Each race handles the rejection; between two races nothing does.
    this.#reached.promise.catch(() => {});
    if (signal.aborted) this.#reach("abort");
    else this.#unwatch = watchAbort(signal, () => this.#reach("abort"));
  }

  timeOutAfter(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.#reach("time-out"), timeoutMs);
  }

  /**
   * Waits for `work`, but no longer than the limit allows.
   *
   * @throws LaunchLimitReached
   */
  race<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([this.#reached.promise, work]);
  }

  /** No longer watches the signal and the time. */
  lift(): void {
    clearTimeout(this.#timer);
    this.#unwatch?.();
  }

  #reach(by: "abort" | "time-out"): void {
    this.#reached.reject(new LaunchLimitReached(by));
  }
}
