import { inspect } from "node:util";
import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";
import { readSpan, type Span } from "./span.ts";
import { checkZone, formatOffset, readZone, writeSpanInZone, type Zone } from "./zone.ts";

const DAY_MS = 86_400_000;

/** 0001-01-01T00:00:00.000 and 9999-12-31T23:59:59.999, the limits in Python. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 253_402_300_799_999;

/** An own property with the current time, so that dates that differ only in it do not compare equal. */
const EPOCH_MS: PropertyDescriptor = {
  enumerable: true,
  get(this: Date): number {
    return this.getTime();
  },
};

/** The parts that a `Date` cannot represent. */
export interface ZonedDateParts extends Partial<Zone> {
  /** Microseconds beyond the millisecond: 0 to 999. Default 0. */
  readonly microseconds?: number;
}

/**
 * A `datetime.datetime` of Python that a `Date` cannot represent exactly: it has microseconds, an offset from UTC or
 * the name of a time zone, or it has no time zone (naive). It is sent back as the same datetime.
 *
 * As a `Date`, it is the same time in milliseconds; a naive one is treated as UTC. `structuredClone` converts it to a
 * plain `Date`, like every subclass; clone `toZonedString()` instead.
 *
 * @example
 * const date = new ZonedDate(Date.UTC(2024, 5, 1, 10), { offsetSeconds: 7200, zone: "Europe/Berlin" });
 * date.toZonedString(); // "2024-06-01T12:00:00.000000+02:00[Europe/Berlin]"
 */
export class ZonedDate extends Date implements Zone {
  /** The same as `getTime()`. */
  declare readonly epochMs: number;
  readonly microseconds: number;
  /** Seconds east of UTC; `null` for a naive datetime. */
  readonly offsetSeconds: number | null;
  readonly zone: string | null;

  /**
   * @param ms milliseconds since 1970 in UTC, or, for a naive datetime, as if its wall clock were in UTC.
   * @param parts `offsetSeconds` defaults to 0; `null` makes the datetime naive.
   * @throws SnakepitError `INVALID_ARGUMENT` for a part outside its range, and outside the years 1 to 9999.
   */
  constructor(ms: number, { microseconds = 0, offsetSeconds = 0, zone = null }: ZonedDateParts = {}) {
    super(ms);
    Object.defineProperty(this, "epochMs", EPOCH_MS);
    this.microseconds = microseconds;
    this.offsetSeconds = offsetSeconds;
    this.zone = zone;
    checkZone(this);
    if (!Number.isInteger(microseconds) || microseconds < 0 || microseconds > 999) {
      throw new SnakepitError("INVALID_ARGUMENT", `microseconds must be an integer from 0 to 999; got ${microseconds}`);
    }
    if (offsetSeconds === null && zone !== null) {
      throw new SnakepitError("INVALID_ARGUMENT", `a datetime in the zone ${zone} must have an offset from UTC`);
    }
    if (!isWithinYears(this)) {
      throw new SnakepitError("INVALID_ARGUMENT", `a datetime must be in the years 1 to 9999; got ${ms} ms`);
    }
  }

  /**
   * Not `Date`, because Jest and Vitest compare dates only by their milliseconds, and other objects by their
   * properties.
   */
  get [Symbol.toStringTag](): string {
    return "ZonedDate";
  }

  /** The output of `console.log`: `ZonedDate(2024-06-01T12:00:00.000000+02:00[Europe/Berlin])`. */
  [inspect.custom](): string {
    return `ZonedDate(${Number.isNaN(this.getTime()) ? "invalid" : this.toZonedString()})`;
  }

  /** Whether it has no time zone. */
  get isNaive(): boolean {
    return this.offsetSeconds === null;
  }

  /** The wall clock, with the offset and the zone, if present: `2024-06-01T12:00:00.000000+02:00[Europe/Berlin]`. */
  toZonedString(): string {
    return `${this.toJSON()}${this.zone === null ? "" : `[${this.zone}]`}`;
  }

  /** The wall clock with its offset, like `isoformat()` of Python: `2024-06-01T12:00:00.000000+02:00`. */
  override toJSON(): string {
    const wall = new Date(wallMs(this)).toISOString().slice(0, -1);
    const offset = this.offsetSeconds === null ? "" : formatOffset(this.offsetSeconds);
    return `${wall}${String(this.microseconds).padStart(3, "0")}${offset}`;
  }
}

/**
 * Writes a datetime: the span since 1970 in UTC, and its zone unless that is UTC; if naive, the span of its wall clock.
 */
export function writeDate(date: Date, encoder: ExtensionWriter): void {
  const ms = date.getTime();
  if (Number.isNaN(ms)) {
    encoder.reject({ what: "an invalid Date", remedy: "send null, or a date that exists" });
  } else if (!isWithinYears(date)) {
    encoder.reject({ what: "a Date outside the years 1 to 9999", remedy: "send its getTime()" });
  } else if (!(date instanceof ZonedDate)) {
    writeSpanInZone(ExtensionTag.AWARE_DATETIME, spanSinceEpoch(ms, 0), undefined, encoder);
  } else if (date.isNaive) {
    writeSpanInZone(ExtensionTag.NAIVE_DATETIME, spanSinceEpoch(ms, date.microseconds), undefined, encoder);
  } else {
    const utc = date.offsetSeconds === 0 && date.zone === null;
    const span = spanSinceEpoch(ms, date.microseconds);
    writeSpanInZone(ExtensionTag.AWARE_DATETIME, span, utc ? undefined : date, encoder);
  }
}

export function readAwareDatetime(decoder: ExtensionReader): Date {
  const { ms, microseconds } = momentOf(readSpan(decoder));
  const { offsetSeconds, zone } = decoder.remaining === 0 ? UTC : readZone(decoder);
  const date = new ZonedDate(ms, { microseconds, offsetSeconds, zone });
  return microseconds === 0 && offsetSeconds === 0 && zone === null ? new Date(ms) : date;
}

export function readNaiveDatetime(decoder: ExtensionReader): ZonedDate {
  const { ms, microseconds } = momentOf(readSpan(decoder));
  return new ZonedDate(ms, { microseconds, offsetSeconds: null });
}

const UTC: Zone = { offsetSeconds: 0, zone: null };

function wallMs(date: Date): number {
  return date.getTime() + (date instanceof ZonedDate ? Math.floor((date.offsetSeconds ?? 0) * 1000) : 0);
}

function isWithinYears(date: Date): boolean {
  const ms = wallMs(date);
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

function spanSinceEpoch(ms: number, microseconds: number): Span {
  const days = Math.floor(ms / DAY_MS);
  const rest = ms - days * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  return { days, seconds, microseconds: (rest - seconds * 1000) * 1000 + microseconds };
}

function momentOf({ days, seconds, microseconds }: Span): { readonly ms: number; readonly microseconds: number } {
  const wholeMs = Math.floor(microseconds / 1000);
  return { ms: days * DAY_MS + seconds * 1000 + wholeMs, microseconds: microseconds - wholeMs * 1000 };
}
