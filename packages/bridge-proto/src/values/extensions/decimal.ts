import { describeValue, SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/**
 * The strings that `decimal.Decimal` accepts (https://docs.python.org/3/library/decimal.html#decimal.Decimal), in
 * ASCII. No digit can match two parts of the expression, so that a long string takes linear time.
 */
const DECIMAL = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i;

/**
 * A `decimal.Decimal` of Python as a string, which keeps all digits, including trailing zeros. For calculations, pass
 * the string to a decimal library.
 *
 * @example
 * new Decimal("12.50").toString(); // "12.50"
 */
export class Decimal {
  /**
   * The digits in Python syntax. An own property, so that `assert.deepStrictEqual`, `toEqual`, `console.log` and
   * `structuredClone` include it. A clone is a plain object; `new Decimal(clone.value)` recreates the decimal.
   */
  readonly value: string;

  /**
   * @param text digits with an optional sign, point and exponent, or `Infinity`, `NaN`, `sNaN`.
   * @throws SnakepitError `INVALID_ARGUMENT` for another form.
   */
  constructor(text: string) {
    if (typeof text !== "string" || !DECIMAL.test(text)) {
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `a decimal must be a string with a number, such as "-12.50"; got ${describeValue(text)}`,
      );
    }
    this.value = text;
  }

  /** Returns the digits. */
  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

/** Writes a decimal as an ASCII string. */
export function writeDecimal(decimal: Decimal, encoder: ExtensionWriter): void {
  const text = Buffer.from(decimal.toString(), "latin1");
  encoder.writeExtensionHeader(ExtensionTag.DECIMAL, text.length);
  encoder.writeBytes(text);
}

export function readDecimal(decoder: ExtensionReader): Decimal {
  return new Decimal(decoder.readText(decoder.remaining));
}
