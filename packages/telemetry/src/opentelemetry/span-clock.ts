/**
 * Milliseconds from `performance.timeOrigin + performance.now()` to the clock of the system. The system may correct its
 * clock while the process runs.
 */
let offsetMs = 0;

/**
 * Adapts the offset, if necessary. `Date.now()` is rounded down, so that each reading is a range of a millisecond. The
 * range is longer if the thread was stopped in between: then, the two clocks were read at different times.
 */
function readOffset(): number {
  const before = performance.now();
  const system = Date.now() - performance.timeOrigin;
  offsetMs = Math.min(Math.max(offsetMs, system - performance.now()), system + 1 - before);
  return offsetMs;
}

/** A period on the clock of {@link SpanClock}, in milliseconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/**
 * The times of the spans of a call or host tool. The SDK takes times from `Date.now()`, which is rounded down to
 * milliseconds: a span of 100 µs would not lie within its parent. Here, all spans have the resolution of
 * `performance.now()`.
 *
 * The clock of a worker on this machine is that of the host. On another machine, it may be wrong: if the execution does
 * not lie within the call, it is moved to the middle of the time in which the worker had the call, like all other times
 * of that call. The queue and the network then appear to take equally long in both directions.
 */
export class SpanClock {
  /** When the call began, as `performance.now()`. */
  readonly startedAt = performance.now();
  /** The same for all times of the call: otherwise, a change of the offset would change the durations. */
  readonly #origin = performance.timeOrigin + readOffset();
  /** When the call began, in milliseconds since 1970. */
  readonly startTime = this.#origin + this.startedAt;
  /** Milliseconds that are added to the times of the worker; `undefined` before the first of them. */
  #skewMs: number | undefined;

  /** Converts a time of `performance.now()` to milliseconds since 1970. */
  at(time: number): number {
    return this.startTime + (time - this.startedAt);
  }

  /**
   * Determines the skew of the worker from the first period that it reports; later ones have no effect.
   *
   * @param startUs the start of the execution, in microseconds since 1970.
   * @param endUs its end, or its start while it runs.
   * @param window the time in which the worker had the call, as `performance.now()`.
   */
  align(startUs: number, endUs: number, window: Period): void {
    if (this.#skewMs !== undefined) return;
    const start = this.#hostTime(startUs);
    const end = this.#hostTime(endUs);
    const slack = window.end - window.start - (end - start);
    // A call that was sent ahead may begin before the host knows it.
    if (start >= this.startedAt && end <= window.end) this.#skewMs = 0;
    else if (endUs > startUs && slack > 0) this.#skewMs = window.start + slack / 2 - start;
    else this.#skewMs = window.start - start;
  }

  /** Converts a time of the worker to that of `performance.now()`, no earlier than the call and no later than now. */
  ofWorker(timeUs: number): number {
    const time = this.#hostTime(timeUs) + (this.#skewMs ?? 0);
    return Math.min(Math.max(time, this.startedAt), performance.now());
  }

  /** Converts microseconds since 1970 to a time of `performance.now()`. */
  #hostTime(timeUs: number): number {
    return timeUs / 1_000 - this.#origin;
  }
}
