import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";
import { normalizedSpan, readSpan, SPAN_BYTES, type Span, writeSpan } from "./span.ts";

/** Maximum absolute number of days of a `timedelta`. */
const MAX_DAYS = 999_999_999;

/**
 * A `datetime.timedelta` of Python, with the same normalization: seconds and microseconds are never negative. Minus one
 * microsecond is -1 day, 86,399 seconds and 999,999 microseconds.
 *
 * @example
 * new TimeDelta(0, 90).totalMs; // 90000
 */
export class TimeDelta implements Span {
  readonly days: number;
  readonly seconds: number;
  readonly microseconds: number;

  /**
   * @param days an integer; all three parameters may be negative or exceed their range, and are normalized.
   * @throws SnakepitError `INVALID_ARGUMENT` for a fraction, and for more than 999,999,999 days in either direction.
   */
  constructor(days: number, seconds = 0, microseconds = 0) {
    const span = normalizedSpan(days, seconds, microseconds);
    if (![days, seconds, microseconds].every(Number.isSafeInteger) || Math.abs(span.days) > MAX_DAYS) {
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `the parts of a TimeDelta must be integers, and at most ${MAX_DAYS} days; got (${days}, ${seconds}, ${microseconds})`,
      );
    }
    this.days = span.days;
    this.seconds = span.seconds;
    this.microseconds = span.microseconds;
  }

  /** Returns the duration of `ms` milliseconds, rounded to microseconds. */
  static fromMs(ms: number): TimeDelta {
    const seconds = Math.floor(ms / 1000);
    return new TimeDelta(0, seconds, Math.round((ms - seconds * 1000) * 1000));
  }

  /** Milliseconds, with microseconds as a fraction; exact up to 104 days. */
  get totalMs(): number {
    return this.days * 86_400_000 + this.seconds * 1000 + this.microseconds / 1000;
  }

  /** An ISO 8601 duration in days and seconds: `P1DT90.5S`, `-P0DT1S`. */
  toString(): string {
    const negative = this.days < 0;
    const span = negative ? normalizedSpan(-this.days, -this.seconds, -this.microseconds) : this;
    const fraction = span.microseconds === 0 ? "" : `.${String(span.microseconds).padStart(6, "0")}`;
    return `${negative ? "-" : ""}P${span.days}DT${span.seconds}${fraction}S`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Writes a duration as a span. */
export function writeTimeDelta(value: TimeDelta, encoder: ExtensionWriter): void {
  encoder.writeExtensionHeader(ExtensionTag.TIME_DELTA, SPAN_BYTES);
  writeSpan(value, encoder);
}

export function readTimeDelta(decoder: ExtensionReader): TimeDelta {
  const { days, seconds, microseconds } = readSpan(decoder);
  return new TimeDelta(days, seconds, microseconds);
}
