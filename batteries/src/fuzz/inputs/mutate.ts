import type { Random } from "./random.ts";

/** Bytes that are often special: limits of lengths, and the markers of containers and extensions. */
const SPECIAL = [0, 1, 0x7f, 0x80, 0x81, 0x90, 0xc0, 0xc1, 0xc7, 0xc9, 0xd8, 0xdb, 0xdd, 0xdf, 0xfe, 0xff];

/** Returns a copy with one to four changes: flipped bits, other bytes, removed, repeated or inserted parts. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let changes = 1 + random.below(4); changes > 0; changes--) result = changed(result, random);
  return result;
}

function changed(bytes: Buffer, random: Random): Buffer {
  if (bytes.byteLength === 0) return random.bytes(1 + random.below(8));
  const at = random.below(bytes.byteLength);
  const length = 1 + random.below(Math.min(16, bytes.byteLength - at));
  switch (random.below(8)) {
    case 0:
    case 1:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 2:
      bytes[at] = random.pick(SPECIAL);
      return bytes;
    case 3:
      bytes[at] = random.uint32();
      return bytes;
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)]);
  }
}
