import type { ExtensionReader, ExtensionWriter } from "./extension.ts";

/**
 * A duration, normalized like a `timedelta`. All dates and times on the wire have this form: int32 days, uint32
 * seconds, uint32 microseconds. Only the days can be negative.
 */
export interface Span {
  readonly days: number;
  /** 0 to 86,399. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;
}

/** Number of bytes of a span. */
export const SPAN_BYTES = 12;

const DAY_SECONDS = 86_400;
const SECOND_MICROSECONDS = 1_000_000;

/** Carries microseconds into seconds and seconds into days. All arguments are integers. */
export function normalizedSpan(days: number, seconds: number, microseconds: number): Span {
  const wholeSeconds = Math.floor(microseconds / SECOND_MICROSECONDS);
  const allSeconds = seconds + wholeSeconds;
  const wholeDays = Math.floor(allSeconds / DAY_SECONDS);
  return {
    days: days + wholeDays,
    seconds: allSeconds - wholeDays * DAY_SECONDS,
    microseconds: microseconds - wholeSeconds * SECOND_MICROSECONDS,
  };
}

/** Returns the span of a number of seconds with whole microseconds, such as the offset of a time zone. */
export function spanOfSeconds(seconds: number): Span {
  const whole = Math.floor(seconds);
  return normalizedSpan(0, whole, Math.round((seconds - whole) * SECOND_MICROSECONDS));
}

/** Returns the seconds of a span; exact for the offsets of time zones. */
export function secondsOf(span: Span): number {
  return span.days * DAY_SECONDS + span.seconds + span.microseconds / SECOND_MICROSECONDS;
}

export function writeSpan(span: Span, encoder: ExtensionWriter): void {
  encoder.writeInt32(span.days);
  encoder.writeInt32(span.seconds);
  encoder.writeInt32(span.microseconds);
}

export function readSpan(decoder: ExtensionReader): Span {
  const days = decoder.readInt32();
  const seconds = decoder.readUint32();
  const microseconds = decoder.readUint32();
  if (seconds >= DAY_SECONDS || microseconds >= SECOND_MICROSECONDS) {
    throw decoder.malformed("a duration is not normalized");
  }
  return { days, seconds, microseconds };
}
