import { type EncodedValue, SnakepitError, type ValueCodec } from "@snakepit/core";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

/** The first byte; identifies the format, so that later versions can use another one. */
const FORM = 1;
/** Format, length of the body, number of buffers; followed by the lengths of the buffers, the body, and the buffers. */
const HEAD_BYTES = 1 + 4 + 4;
const LENGTH_BYTES = 8;

/**
 * Returns a codec that stores a value as one byte array: its body and its buffers.
 *
 * @param maxBytes maximum size of a value, in bytes.
 */
export function valueCodec(maxBytes: number): ValueCodec {
  return {
    encode: (value, root) => joined(encodeValue(value, { root, maxBytes })),
    decode(bytes) {
      const { body, buffers } = parted(bytes);
      return decodeValue(body, buffers);
    },
  };
}

function joined({ body, buffers, byteLength }: EncodedValue): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + buffers.length * LENGTH_BYTES + byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORM);
  view.setUint32(1, body.byteLength);
  view.setUint32(5, buffers.length);
  let at = HEAD_BYTES;
  for (const { byteLength } of buffers) {
    view.setBigUint64(at, BigInt(byteLength));
    at += LENGTH_BYTES;
  }
  for (const part of [body, ...buffers]) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function parted(bytes: Uint8Array): { body: Uint8Array; buffers: Uint8Array[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < HEAD_BYTES || view.getUint8(0) !== FORM) throw damaged("its header is invalid");
  const count = view.getUint32(5);
  let at = HEAD_BYTES + count * LENGTH_BYTES;
  if (at > bytes.byteLength) throw damaged("it is truncated");
  const part = (length: number): Uint8Array => {
    if (at + length > bytes.byteLength) throw damaged("it is truncated");
    // A copy, which is aligned for any typed array and not shared.
    const copy = bytes.slice(at, at + length);
    at += length;
    return copy;
  };
  const body = part(view.getUint32(1));
  const buffers = Array.from({ length: count }, (_, index) =>
    part(Number(view.getBigUint64(HEAD_BYTES + index * LENGTH_BYTES))),
  );
  return { body, buffers };
}

function damaged(why: string): SnakepitError {
  return new SnakepitError("SERIALIZATION", `a stored value cannot be read: ${why}`);
}
