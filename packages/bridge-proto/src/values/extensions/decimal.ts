import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/** What `decimal.Decimal` reads (https://docs.python.org/3/library/decimal.html#decimal.Decimal), in ASCII. */
const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i;

/**
 * A `decimal.Decimal` of Python: its text, which keeps every digit, trailing zeros included. To compute with it, hand
 * the text to the decimal library of your choice.
 *
 * @example
 * new Decimal("12.50").toString(); // "12.50"
 */
export class Decimal {
  /**
   * The digits as Python writes them. An own property, so that `assert.deepStrictEqual`, `toEqual`, `console.log` and
   * `structuredClone` see it; a clone is a plain object, `new Decimal(clone.value)` makes a decimal of it.
   */
  readonly value: string;

  /**
   * @param text digits with an optional sign, point and exponent, or `Infinity`, `NaN`, `sNaN`.
   * @throws SnakepitError `INVALID_ARGUMENT` when it is anything else.
   */
  constructor(text: string) {
    if (!DECIMAL.test(text)) {
      throw new SnakepitError("INVALID_ARGUMENT", `${JSON.stringify(text)} is not a decimal number such as -12.50`);
    }
    this.value = text;
  }

  /** The text it was made from. */
  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

/** A decimal: its text, in ASCII. */
export function writeDecimal(decimal: Decimal, encoder: ExtensionWriter): void {
  const text = Buffer.from(decimal.toString(), "latin1");
  encoder.writeExtensionHeader(ExtensionTag.DECIMAL, text.length);
  encoder.writeBytes(text);
}

export function readDecimal(decoder: ExtensionReader): Decimal {
  return new Decimal(decoder.readText(decoder.remaining));
}
