const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ELLIPSIS = "…";

/**
 * Returns the beginning of a string, at most `bytes` bytes in UTF-8. The result is well-formed, because gRPC rejects
 * lone surrogates.
 */
export function firstBytes(value: string, bytes: number): string {
  const wellFormed = value.toWellFormed();
  if (Buffer.byteLength(wellFormed) <= bytes) return wellFormed;
  const target = new Uint8Array(Math.max(0, bytes - Buffer.byteLength(ELLIPSIS)));
  // encodeInto() never splits a character.
  const { read } = encoder.encodeInto(wellFormed, target);
  return wellFormed.slice(0, read) + ELLIPSIS;
}

/** Returns the end of a string, at most `bytes` bytes in UTF-8. */
export function lastBytes(value: string, bytes: number): string {
  const encoded = encoder.encode(value);
  if (encoded.byteLength <= bytes) return value.toWellFormed();
  let start = encoded.byteLength - Math.max(0, bytes);
  // Skips the rest of a character that begins before the limit.
  while (((encoded[start] ?? 0) & 0b1100_0000) === 0b1000_0000) start++;
  return decoder.decode(encoded.subarray(start));
}

/** Returns the beginning of a string, at most `characters` characters when encoded as in the header `grpc-message`. */
export function firstEncoded(value: string, characters: number): string {
  let beginning = value;
  while (encodeURI(beginning).length > characters) {
    beginning = firstBytes(beginning, Buffer.byteLength(beginning) * 0.8);
  }
  return beginning;
}
