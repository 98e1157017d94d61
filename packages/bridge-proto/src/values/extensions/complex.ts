import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/** A `complex` of Python. */
export class Complex {
  /** The real part. */
  readonly re: number;
  /** The imaginary part. */
  readonly im: number;

  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }

  /** Returns the number in Python syntax: `1+2j`. */
  toString(): string {
    const sign = this.im < 0 || Object.is(this.im, -0) ? "-" : "+";
    return `${this.re}${sign}${Math.abs(this.im)}j`;
  }
}

/** Writes a complex number as two float64. */
export function writeComplex(value: Complex, encoder: ExtensionWriter): void {
  encoder.writeExtensionHeader(ExtensionTag.COMPLEX, 16);
  encoder.writeFloat64(value.re);
  encoder.writeFloat64(value.im);
}

export function readComplex(decoder: ExtensionReader): Complex {
  const re = decoder.readFloat64();
  return new Complex(re, decoder.readFloat64());
}
