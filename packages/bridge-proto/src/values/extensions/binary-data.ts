import type { Decoder } from "../decoder.ts";
import type { Encoder } from "../encoder.ts";
import { OUT_OF_BAND_BYTES } from "../limits.ts";
import { ExtensionTag } from "./extension-tag.ts";

/** Bytes: in the body when they are few, else beside it. */
export function writeBinaryData(data: Uint8Array, encoder: Encoder): void {
  if (data.byteLength < OUT_OF_BAND_BYTES) {
    encoder.writeBinary(data);
    return;
  }
  const index = encoder.addBuffer(data);
  encoder.writeExtensionHeader(ExtensionTag.OUT_OF_BAND_BYTES, 4);
  encoder.writeInt32(index);
}

/** Bytes that travelled beside the body, where they lie. */
export function readOutOfBandBytes(decoder: Decoder): Uint8Array {
  const { buffer, byteOffset, byteLength } = decoder.takeBuffer();
  return new Uint8Array(buffer, byteOffset, byteLength);
}
