import { type ExtensionReader, ExtensionTag, type ExtensionWriter, OUT_OF_BAND_BYTES } from "./extension.ts";

/** Writes an integer beyond 64 bits: a byte for the sign, then the magnitude, big-endian. */
export function writeBigInteger(value: bigint, encoder: ExtensionWriter): void {
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  encoder.writeExtensionHeader(ExtensionTag.BIG_INTEGER, 1 + magnitude.length);
  encoder.writeUint8(value < 0n ? 1 : 0);
  encoder.writeBytes(magnitude);
}

export function readBigInteger(decoder: ExtensionReader): number | bigint {
  const sign = decoder.readUint8();
  if (sign > 1) throw decoder.malformed("a big integer has an unknown sign");
  const magnitude = BigInt(`0x0${decoder.viewBytes(decoder.remaining).toString("hex")}`);
  const value = sign === 1 ? -magnitude : magnitude;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Writes bytes: small ones in the body, large ones next to it. */
export function writeBinaryData(data: Uint8Array, encoder: ExtensionWriter): void {
  if (data.byteLength < OUT_OF_BAND_BYTES) {
    encoder.writeBinary(data);
    return;
  }
  const index = encoder.addBuffer(data);
  encoder.writeExtensionHeader(ExtensionTag.OUT_OF_BAND_BYTES, 4);
  encoder.writeInt32(index);
}

/** Reads bytes that were sent next to the body, without a copy. */
export function readOutOfBandBytes(decoder: ExtensionReader): Uint8Array {
  const { buffer, byteOffset, byteLength } = decoder.takeBuffer();
  return new Uint8Array(buffer, byteOffset, byteLength);
}
