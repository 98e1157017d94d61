import type { ExtensionReader, ExtensionWriter } from "./extension.ts";

/**
 * A length of time as Python normalises it, and the form of every date and time on the wire: int32 days, uint32
 * seconds, uint32 microseconds. Only the days are ever negative.
 */
export interface Span {
  readonly days: number;
  /** 0 to 86,399. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;
}

/** Bytes of a span. */
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

/** A span of seconds that may have a fraction of whole microseconds, as the offsets of time zones have. */
export function spanOfSeconds(seconds: number): Span {
  const whole = Math.floor(seconds);
  return normalizedSpan(0, whole, Math.round((seconds - whole) * SECOND_MICROSECONDS));
}

/** The seconds of a span; exact for offsets of time zones. */
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
    throw decoder.malformed("a length of time is not normalised");
  }
  return { days, seconds, microseconds };
}
