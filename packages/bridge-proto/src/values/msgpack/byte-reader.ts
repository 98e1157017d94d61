import { isUtf8 } from "node:buffer";
import { SnakepitError } from "@snakepit/core";
import { KeyCache } from "./key-cache.ts";

/** Strings up to this length are decoded faster here than by a call of the runtime. */
const SHORT_TEXT = 12;

/** The runtime decodes malformed UTF-8 to this character, so that a string with it must be validated. */
const REPLACEMENT_CHARACTER = "\ufffd";

/**
 * Minimum length of a body for a DataView. Creating one is as slow as decoding a small body; without one, a float64 is
 * twice as slow.
 */
const VIEWED_BYTES = 4096;

const scratch = new DataView(new ArrayBuffer(8));

const keys = new KeyCache();

/** Reads the primitives of MessagePack. Never reads past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #view: DataView | undefined;
  #position = 0;
  #end: number;

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#end = body.byteLength;
    const { buffer, byteOffset, byteLength } = body;
    this.#view = byteLength < VIEWED_BYTES ? undefined : new DataView(buffer, byteOffset, byteLength);
  }

  /** Number of bytes of the whole body. */
  get length(): number {
    return this.#bytes.length;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** Returns the error for malformed bytes. */
  malformed(problem: string): SnakepitError {
    return new SnakepitError(
      "SERIALIZATION",
      `cannot decode a value: ${problem} (at byte ${this.#position} of ${this.#bytes.length}); the sender is faulty or uses another protocol`,
      { details: { position: this.#position } },
    );
  }

  /** Limits reading to the next `length` bytes. Returns the previous end for {@link widen}. */
  narrow(length: number): number {
    this.#need(length);
    const outer = this.#end;
    this.#end = this.#position + length;
    return outer;
  }

  /** Restores the end before {@link narrow}; all bytes of the limited part must have been read. */
  widen(outer: number): void {
    if (this.#position !== this.#end) throw this.malformed("an extension has extra bytes");
    this.#end = outer;
  }

  readUint8(): number {
    if (this.#position >= this.#end) throw this.#truncated();
    return this.#bytes[this.#position++] as number;
  }

  readInt8(): number {
    return (this.readUint8() << 24) >> 24;
  }

  readUint16(): number {
    this.#need(2);
    const bytes = this.#bytes;
    const at = this.#position;
    this.#position = at + 2;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  readInt16(): number {
    return (this.readUint16() << 16) >> 16;
  }

  readInt32(): number {
    this.#need(4);
    const at = this.#position;
    this.#position = at + 4;
    return bigEndian(this.#bytes, at);
  }

  readUint32(): number {
    return this.readInt32() >>> 0;
  }

  /** Reads an integer as a number if that is exact, otherwise as a bigint. */
  readUint64(): number | bigint {
    const high = this.readUint32();
    const low = this.readUint32();
    if (high <= 0x1f_ffff) return high * 0x1_0000_0000 + low;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** Reads an integer as a number if that is exact, otherwise as a bigint. */
  readInt64(): number | bigint {
    const high = this.readInt32();
    const low = this.readUint32();
    const value = high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  readFloat32(): number {
    scratch.setInt32(0, this.readInt32());
    return scratch.getFloat32(0);
  }

  readFloat64(): number {
    this.#need(8);
    const at = this.#position;
    this.#position = at + 8;
    if (this.#view !== undefined) return this.#view.getFloat64(at);
    const bytes = this.#bytes;
    scratch.setInt32(0, bigEndian(bytes, at));
    scratch.setInt32(4, bigEndian(bytes, at + 4));
    return scratch.getFloat64(0);
  }

  /** Returns a view of the next bytes. */
  viewBytes(length: number): Buffer {
    this.#need(length);
    const start = this.#position;
    this.#position = start + length;
    return this.#bytes.subarray(start, this.#position);
  }

  /** Returns a copy of the next bytes, aligned for every element type. */
  copyBytes(length: number): Uint8Array<ArrayBuffer> {
    this.#need(length);
    const copy = new Uint8Array(length);
    copy.set(this.viewBytes(length));
    return copy;
  }

  readText(length: number): string {
    this.#need(length);
    if (length <= SHORT_TEXT) {
      const short = this.#readShortText(length);
      if (short !== undefined) return short;
    }
    const start = this.#position;
    this.#position = start + length;
    const text = this.#bytes.toString("utf8", start, this.#position);
    if (text.includes(REPLACEMENT_CHARACTER) && !isUtf8(this.#bytes.subarray(start, this.#position))) {
      throw this.malformed("a string is not UTF-8");
    }
    return text;
  }

  /** Like {@link readText}, with a cache for repeated strings. */
  readKeyText(length: number): string {
    this.#need(length);
    const key = keys.find(this.#bytes, this.#position, length);
    if (key === undefined) return this.readText(length);
    this.#position += length;
    return key;
  }

  /** Reads an ASCII string; returns undefined, without reading, if there are other characters. */
  #readShortText(length: number): string | undefined {
    const bytes = this.#bytes;
    const start = this.#position;
    const codes = new Array<number>(length);
    for (let index = 0; index < length; index++) {
      const code = bytes[start + index] as number;
      if (code > 0x7f) return undefined;
      codes[index] = code;
    }
    this.#position = start + length;
    return String.fromCharCode.apply(null, codes);
  }

  #need(bytes: number): void {
    if (bytes > this.#end - this.#position) throw this.#truncated();
  }

  #truncated(): SnakepitError {
    return this.malformed("it is truncated");
  }
}

/** Reads a 32-bit integer without a bounds check. */
function bigEndian(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
