import { SnakepitError } from "@snakepit/core";
import type { Decoder } from "../decoder.ts";
import type { Encoder } from "../encoder.ts";
import { ExtensionTag } from "./extension-tag.ts";

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
  /** The string that it was created from. Own and enumerable, so that assertions, `console.log` and clones see it. */
  readonly text: string;

  /**
   * @param text digits with an optional sign, point and exponent, or `Infinity`, `NaN`, `sNaN`.
   * @throws SnakepitError `INVALID_ARGUMENT` when it is anything else.
   */
  constructor(text: string) {
    if (!DECIMAL.test(text)) {
      throw new SnakepitError("INVALID_ARGUMENT", `${JSON.stringify(text)} is not a decimal number such as -12.50`);
    }
    this.text = text;
  }

  /** The text it was made from. */
  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A decimal: its text, in ASCII. */
export function writeDecimal(decimal: Decimal, encoder: Encoder): void {
  const text = Buffer.from(decimal.toString(), "latin1");
  encoder.writeExtensionHeader(ExtensionTag.DECIMAL, text.length);
  encoder.writeBytes(text);
}

export function readDecimal(decoder: Decoder): Decimal {
  return new Decimal(decoder.readText(decoder.remaining));
}
