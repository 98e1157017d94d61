/**
 * Milliseconds from `performance.timeOrigin + performance.now()` to the clock of the system, once measured. The process
 * reads its time origin with an error when it is stopped meanwhile, and the system may correct its clock later.
 */
let offsetMs: number | undefined;

/** The longest range of a measured offset, in milliseconds: shorter than the transport of a call. */
const PRECISION_MS = 0.02;

/** Limits a measurement, which takes a millisecond, when the clocks stand still, as in tests. */
const MOST_READINGS = 20_000;

/** Where an offset is, in milliseconds. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** Returns the offset. Measures it at first, and when the clock of the system was corrected. */
function currentOffset(): number {
  const { least, most } = readOffset();
  if (offsetMs === undefined || offsetMs < least || offsetMs > most) offsetMs = measuredOffset();
  return offsetMs;
}

/**
 * Reads the two clocks. `Date.now()` is rounded down, so that the range has a millisecond. It is longer if the thread
 * was stopped in between: then, the two clocks were read at different times.
 */
function readOffset(): Range {
  const before = performance.now();
  const system = Date.now() - performance.timeOrigin;
  return { least: system - performance.now(), most: system + 1 - before };
}

/** Measures the offset: the ranges right before and right after a change of `Date.now()` have little in common. */
function measuredOffset(): number {
  let range = readOffset();
  for (let readings = 1; readings < MOST_READINGS && range.most - range.least > PRECISION_MS; readings += 1) {
    const next = readOffset();
    const least = Math.max(range.least, next.least);
    const most = Math.min(range.most, next.most);
    // The system has corrected its clock meanwhile.
    range = least > most ? next : { least, most };
  }
  return (range.least + range.most) / 2;
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
  readonly #origin = performance.timeOrigin + currentOffset();
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
