import { TimeLimit, type Unsubscribe, watchAbort } from "@snakepit/core";

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
  readonly #time: TimeLimit;
  #timeOut: "ignored" | "enforced" | "passed" = "ignored";

  /** @param timeoutMs the time-out, which begins now and is ignored until {@link enforceTimeOut}. */
  constructor(signal: AbortSignal, timeoutMs: number) {
    // Each race handles the rejection. Between two races, it would be unhandled.
    this.#reached.promise.catch(() => {});
    if (signal.aborted) this.#reach("abort");
    else this.#unwatch = watchAbort(signal, () => this.#reach("abort"));
    this.#time = new TimeLimit(timeoutMs, () => {
      if (this.#timeOut === "enforced") this.#reach("time-out");
      this.#timeOut = "passed";
    });
  }

  /** From now on, the time-out ends the launch. */
  enforceTimeOut(): void {
    if (this.#timeOut === "passed") this.#reach("time-out");
    this.#timeOut = "enforced";
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
    this.#time.cancel();
    this.#unwatch?.();
  }

  #reach(by: "abort" | "time-out"): void {
    this.#reached.reject(new LaunchLimitReached(by));
  }
}
