import type { Decoder } from "../decoder.ts";
import type { Encoder } from "../encoder.ts";
import { ExtensionTag } from "./extension-tag.ts";

/** An integer beyond 64 bits: a byte for the sign, then the magnitude, big-endian. */
export function writeBigInteger(value: bigint, encoder: Encoder): void {
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  encoder.writeExtensionHeader(ExtensionTag.BIG_INTEGER, 1 + magnitude.length);
  encoder.writeUint8(value < 0n ? 1 : 0);
  encoder.writeBytes(magnitude);
}

export function readBigInteger(decoder: Decoder): number | bigint {
  const sign = decoder.readUint8();
  if (sign > 1) throw decoder.malformed("a big integer has an unknown sign");
  const magnitude = BigInt(`0x0${decoder.viewBytes(decoder.remaining).toString("hex")}`);
  const value = sign === 1 ? -magnitude : magnitude;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
