import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";
import { normalizedSpan, readSpan } from "./span.ts";
import { checkZone, formatOffset, readZone, writeSpanInZone, type Zone } from "./zone.ts";

/** The optional parts of a {@link PlainTime}. Default: zero, without an offset and a zone. */
export interface PlainTimeParts extends Partial<Zone> {
  /** 0 to 59. */
  readonly second?: number;
  /** 0 to 999,999. */
  readonly microsecond?: number;
}

/**
 * A `datetime.time` of Python: a time of day. It has an offset if the offset from UTC is fixed, and a zone if only the
 * name of the time zone is known.
 *
 * @example
 * new PlainTime(9, 30, { offsetSeconds: 7200 }).toString(); // "09:30:00+02:00"
 */
export class PlainTime implements Zone {
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly offsetSeconds: number | null;
  readonly zone: string | null;

  /** @throws SnakepitError `INVALID_ARGUMENT` for a part outside its range. */
  constructor(hour: number, minute: number, parts: PlainTimeParts = {}) {
    this.hour = within("hour", hour, 23);
    this.minute = within("minute", minute, 59);
    this.second = within("second", parts.second ?? 0, 59);
    this.microsecond = within("microsecond", parts.microsecond ?? 0, 999_999);
    this.offsetSeconds = parts.offsetSeconds ?? null;
    this.zone = parts.zone ?? null;
    checkZone(this);
  }

  /** `09:30:00`, `09:30:00.000001+02:00`, `09:30:00[Europe/Berlin]` */
  toString(): string {
    const time = [this.hour, this.minute, this.second].map((part) => String(part).padStart(2, "0")).join(":");
    const fraction = this.microsecond === 0 ? "" : `.${String(this.microsecond).padStart(6, "0")}`;
    const offset = this.offsetSeconds === null ? "" : formatOffset(this.offsetSeconds);
    return `${time}${fraction}${offset}${this.zone === null ? "" : `[${this.zone}]`}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function within(part: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the ${part} of a time must be an integer from 0 to ${most}; got ${value}`,
  );
}

/** Writes a time: the span since midnight and, unless it is naive, its zone. */
export function writePlainTime(time: PlainTime, encoder: ExtensionWriter): void {
  const span = normalizedSpan(0, time.hour * 3600 + time.minute * 60 + time.second, time.microsecond);
  const naive = time.offsetSeconds === null && time.zone === null;
  writeSpanInZone(ExtensionTag.TIME, span, naive ? undefined : time, encoder);
}

export function readPlainTime(decoder: ExtensionReader): PlainTime {
  const { days, seconds, microseconds } = readSpan(decoder);
  if (days !== 0) throw decoder.malformed("a time exceeds 24 hours");
  const { offsetSeconds, zone } = decoder.remaining === 0 ? NAIVE : readZone(decoder);
  return new PlainTime(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, {
    second: seconds % 60,
    microsecond: microseconds,
    offsetSeconds: zone === null ? offsetSeconds : null,
    zone,
  });
}

const NAIVE: Zone = { offsetSeconds: null, zone: null };
