import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/**
 * A `datetime.date` of Python: a calendar day without a time zone.
 *
 * @example
 * new PlainDate(2024, 2, 29).toString(); // "2024-02-29"
 */
export class PlainDate {
  /** 1 to 9999. */
  readonly year: number;
  /** 1 to 12: January is 1. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;

  /** @throws SnakepitError `INVALID_ARGUMENT` if the day does not exist. */
  constructor(year: number, month: number, day: number) {
    const utc = new Date(0);
    utc.setUTCFullYear(year, month - 1, day);
    const exists = utc.getUTCFullYear() === year && utc.getUTCMonth() === month - 1 && utc.getUTCDate() === day;
    if (!exists || year < 1 || year > 9999) {
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `a date must be a day in the years 1 to 9999; got (${year}, ${month}, ${day}); write for example new PlainDate(2024, 2, 29)`,
      );
    }
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** `2024-02-29` */
  toString(): string {
    return `${padded(this.year, 4)}-${padded(this.month, 2)}-${padded(this.day, 2)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** Writes a date: two bytes of the year, a byte of the month, a byte of the day. */
export function writePlainDate(date: PlainDate, encoder: ExtensionWriter): void {
  encoder.writeExtensionHeader(ExtensionTag.DATE, 4);
  encoder.writeInt32((date.year << 16) | (date.month << 8) | date.day);
}

export function readPlainDate(decoder: ExtensionReader): PlainDate {
  const year = decoder.readUint16();
  const month = decoder.readUint8();
  return new PlainDate(year, month, decoder.readUint8());
}
