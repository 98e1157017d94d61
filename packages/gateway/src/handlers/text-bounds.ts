const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ELLIPSIS = "…";

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** The beginning of a text, at most so many bytes in UTF-8; well-formed, since gRPC refuses half a surrogate pair. */
export function firstBytes(text: string, bytes: number): string {
  const wellFormed = text.toWellFormed();
  if (utf8Length(wellFormed) <= bytes) return wellFormed;
  const room = new Uint8Array(Math.max(0, bytes - utf8Length(ELLIPSIS)));
  // Takes whole characters only.
  const { read } = encoder.encodeInto(wellFormed, room);
  return wellFormed.slice(0, read) + ELLIPSIS;
}

/** The end of a text, at most so many bytes in UTF-8. */
export function lastBytes(text: string, bytes: number): string {
  const encoded = encoder.encode(text);
  if (encoded.byteLength <= bytes) return text.toWellFormed();
  let start = encoded.byteLength - Math.max(0, bytes);
  // Not in the middle of a character.
  while (((encoded[start] ?? 0) & 0b1100_0000) === 0b1000_0000) start++;
  return decoder.decode(encoded.subarray(start));
}

/** The beginning of a text, at most so many characters when it is encoded as in the header `grpc-message`. */
export function firstEncoded(text: string, characters: number): string {
  let beginning = text;
  while (encodeURI(beginning).length > characters) beginning = firstBytes(text, utf8Length(beginning) * 0.8);
  return beginning;
}
