/** Small bodies share slabs of this size, so that a call does not require an allocation outside the heap of V8. */
const SLAB_BYTES = 64 * 1024;

/** Strings up to this length reserve three bytes per character; the size of longer ones is calculated first. */
const MEASURED_STRING_LENGTH = 16 * 1024;

const NO_SLAB = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

const LARGEST_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Names of fields whose encoded form is kept, a power of two; the name at each place of the last records. */
const NAMES = 64;
const NAMES_PER_DEPTH = 16;
/** The longest string with a header of one byte. */
const MAX_SHORT_STRING = 31;
const WORDS_PER_NAME = (1 + MAX_SHORT_STRING) / 4;

/** The largest extension header: marker, four bytes of length, tag. */
const LARGEST_EXTENSION_HEADER = 6;

/**
 * Writes the primitives of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), each in its shortest
 * form, into a slab. Bodies that {@link take} has returned are not changed.
 */
export abstract class ByteWriter {
  #bytes: Buffer = NO_SLAB;
  #view: DataView = NO_VIEW;
  #start = 0;
  #position = 0;
  readonly #names = new Array<string | undefined>(NAMES).fill(undefined);
  /** The encoded names, each in {@link WORDS_PER_NAME} words. */
  readonly #nameWords = new Uint32Array(NAMES * WORDS_PER_NAME);

  /** Number of bytes written since {@link take}. */
  protected get written(): number {
    return this.#position - this.#start;
  }

  /** Called before the slab grows; throws if the written bytes already exceed the limit. */
  protected abstract checkGrowth(written: number): void;

  /** Ends the current body and returns it. */
  protected take(): Buffer {
    const body = this.#bytes.subarray(this.#start, this.#position);
    this.#start = this.#position;
    this.#dropLargeSlab();
    return body;
  }

  /** Discards the bytes written since {@link take}. */
  protected abandon(): void {
    this.#position = this.#start;
    this.#dropLargeSlab();
  }

  writeNil(): void {
    this.#ensure(1);
    this.#bytes[this.#position++] = 0xc0;
  }

  writeBoolean(value: boolean): void {
    this.#ensure(1);
    this.#bytes[this.#position++] = value ? 0xc3 : 0xc2;
  }

  /** Writes a safe integer as an integer, and other numbers as a float64. */
  writeNumber(value: number): void {
    this.#ensure(9);
    if ((value | 0) === value) {
      if (value > 0 || (value === 0 && 1 / value > 0)) this.#writeUint32(value);
      else if (value < 0) this.#writeNegative(value);
      else this.#writeFloat(value);
    } else if (Number.isSafeInteger(value)) {
      if (value > 0 && value <= 0xffff_ffff) this.#writeUint32(value);
      else {
        const high = Math.floor(value / 0x1_0000_0000);
        this.#writeInt64(value > 0 ? 0xcf : 0xd3, high, value - high * 0x1_0000_0000);
      }
    } else this.#writeFloat(value);
  }

  /** Writes a bigint in the range of int64 or uint64; returns false, without writing, for others. */
  writeBigInt64(value: bigint): boolean {
    if (value >= -LARGEST_SAFE && value <= LARGEST_SAFE) {
      this.writeNumber(Number(value));
      return true;
    }
    const unsigned = value > 0n;
    if ((unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) !== value) return false;
    this.#ensure(9);
    this.#bytes[this.#position] = unsigned ? 0xcf : 0xd3;
    this.#view.setBigUint64(this.#position + 1, BigInt.asUintN(64, value));
    this.#position += 9;
    return true;
  }

  /** Writes a string; returns false, without writing, for a lone surrogate, which UTF-8 cannot encode. */
  writeString(text: string): boolean {
    const length = text.length;
    if (length > 31) return this.#writeLongString(text);
    this.#ensure(1 + length);
    const bytes = this.#bytes;
    let at = this.#position + 1;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return this.#writeLongString(text);
      bytes[at++] = code;
    }
    bytes[this.#position] = 0xa0 | length;
    this.#position = at;
    return true;
  }

  /**
   * Writes the name of a field. Records in an array usually have the same names at the same places, so the name that
   * was last written at the place is compared first: copying it takes a third of the time of {@link writeString}.
   *
   * @param depth how deeply the record is nested. With `index`, it determines the place.
   * @param index the position of the field in the record.
   * @returns false, without writing, if the name is longer than 31 characters or has a lone surrogate.
   */
  protected writeName(name: string, depth: number, index: number): boolean {
    const place = (depth * NAMES_PER_DEPTH + index) & (NAMES - 1);
    const words = this.#nameWords;
    let word = place * WORDS_PER_NAME;
    if (this.#names[place] === name) {
      this.#ensure(1 + MAX_SHORT_STRING);
      const view = this.#view;
      const end = this.#position + 1 + name.length;
      for (let at = this.#position; at < end; at += 4) view.setUint32(at, words[word++] as number);
      this.#position = end;
      return true;
    }
    const size = 1 + name.length;
    const before = this.written;
    if (size > 1 + MAX_SHORT_STRING || !this.writeString(name)) return false;
    // Only ASCII has one byte per character.
    if (this.written - before === size) {
      this.#ensure(MAX_SHORT_STRING);
      const view = this.#view;
      for (let at = this.#position - size; at < this.#position; at += 4) words[word++] = view.getUint32(at);
      this.#names[place] = name;
    }
    return true;
  }

  writeArrayHeader(length: number): void {
    this.#ensure(5);
    if (length < 16) this.#bytes[this.#position++] = 0x90 | length;
    else this.#writeLength(length, 0xdc);
  }

  writeMapHeader(entries: number): void {
    this.#ensure(5);
    if (entries < 16) this.#bytes[this.#position++] = 0x80 | entries;
    else this.#writeLength(entries, 0xde);
  }

  /** Corrects the header at `offset` of a map that has fewer entries than its header. */
  protected shrinkMapHeader(offset: number, announced: number, entries: number): void {
    this.#ensure(5);
    const end = this.#position;
    const content = this.#start + offset + headerBytes(announced);
    this.#position = this.#start + offset;
    this.writeMapHeader(entries);
    this.#bytes.copyWithin(this.#position, content, end);
    this.#position += end - content;
  }

  writeBinary(data: Uint8Array): void {
    const length = data.byteLength;
    this.#ensure(5 + length);
    if (length < 0x100) {
      this.#bytes[this.#position++] = 0xc4;
      this.#bytes[this.#position++] = length;
    } else this.#writeLength(length, 0xc5);
    this.writeBytes(data);
  }

  /** Writes the header of an extension whose `length` bytes the caller writes next. */
  writeExtensionHeader(tag: number, length: number): void {
    this.#ensure(LARGEST_EXTENSION_HEADER);
    const fixed = fixedExtensionMarker(length);
    if (fixed !== 0) this.#bytes[this.#position++] = fixed;
    else if (length < 0x100) {
      this.#bytes[this.#position++] = 0xc7;
      this.#bytes[this.#position++] = length;
    } else this.#writeLength(length, 0xc8);
    this.#bytes[this.#position++] = tag;
  }

  /** Begins an extension of unknown length. Returns its offset for {@link endExtension}. */
  beginExtension(): number {
    const offset = this.written;
    this.#ensure(LARGEST_EXTENSION_HEADER);
    this.#position += LARGEST_EXTENSION_HEADER;
    return offset;
  }

  /** Writes the header of the extension at `offset` and moves its content to the end of the header. */
  endExtension(tag: number, offset: number): void {
    const end = this.#position;
    const content = this.#start + offset + LARGEST_EXTENSION_HEADER;
    this.#position = this.#start + offset;
    this.writeExtensionHeader(tag, end - content);
    this.#bytes.copyWithin(this.#position, content, end);
    this.#position += end - content;
  }

  writeUint8(value: number): void {
    this.#ensure(1);
    this.#bytes[this.#position++] = value;
  }

  /** Writes four bytes, big-endian; a negative number in two's complement. */
  writeInt32(value: number): void {
    this.#ensure(4);
    this.#view.setInt32(this.#position, value);
    this.#position += 4;
  }

  writeFloat64(value: number): void {
    this.#ensure(8);
    this.#view.setFloat64(this.#position, value);
    this.#position += 8;
  }

  /** Writes bytes without a header. */
  writeBytes(data: Uint8Array): void {
    this.#ensure(data.byteLength);
    this.#bytes.set(data, this.#position);
    this.#position += data.byteLength;
  }

  #ensure(bytes: number): void {
    if (this.#position + bytes > this.#bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const written = this.written;
    this.checkGrowth(written);
    const larger = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (written + bytes)));
    this.#bytes.copy(larger, 0, this.#start, this.#position);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    this.#start = 0;
    this.#position = written;
  }

  /** Drops the slab of a large body, which later small bodies would otherwise keep in memory. */
  #dropLargeSlab(): void {
    if (this.#bytes.length <= SLAB_BYTES) return;
    this.#bytes = NO_SLAB;
    this.#view = NO_VIEW;
    this.#start = 0;
    this.#position = 0;
  }

  /** Writes the 16-bit form of a header, or the 32-bit form, whose marker is the next number. */
  #writeLength(length: number, marker16: number): void {
    const bytes = this.#bytes;
    if (length < 0x1_0000) {
      bytes[this.#position++] = marker16;
      bytes[this.#position++] = length >>> 8;
      bytes[this.#position++] = length;
    } else {
      bytes[this.#position] = marker16 + 1;
      this.#view.setUint32(this.#position + 1, length);
      this.#position += 5;
    }
  }

  #writeUint32(value: number): void {
    const bytes = this.#bytes;
    let at = this.#position;
    if (value < 0x80) bytes[at++] = value;
    else if (value < 0x100) {
      bytes[at++] = 0xcc;
      bytes[at++] = value;
    } else if (value < 0x1_0000) {
      bytes[at++] = 0xcd;
      bytes[at++] = value >>> 8;
      bytes[at++] = value;
    } else {
      bytes[at++] = 0xce;
      bytes[at++] = value >>> 24;
      bytes[at++] = value >>> 16;
      bytes[at++] = value >>> 8;
      bytes[at++] = value;
    }
    this.#position = at;
  }

  #writeNegative(value: number): void {
    const bytes = this.#bytes;
    let at = this.#position;
    if (value >= -0x20) bytes[at++] = value;
    else if (value >= -0x80) {
      bytes[at++] = 0xd0;
      bytes[at++] = value;
    } else if (value >= -0x8000) {
      bytes[at++] = 0xd1;
      bytes[at++] = value >> 8;
      bytes[at++] = value;
    } else {
      bytes[at++] = 0xd2;
      bytes[at++] = value >> 24;
      bytes[at++] = value >> 16;
      bytes[at++] = value >> 8;
      bytes[at++] = value;
    }
    this.#position = at;
  }

  #writeInt64(marker: number, high: number, low: number): void {
    this.#bytes[this.#position] = marker;
    this.#view.setInt32(this.#position + 1, high);
    this.#view.setUint32(this.#position + 5, low);
    this.#position += 9;
  }

  #writeFloat(value: number): void {
    this.#bytes[this.#position] = 0xcb;
    this.#view.setFloat64(this.#position + 1, value);
    this.#position += 9;
  }

  #writeLongString(text: string): boolean {
    if (!text.isWellFormed()) return false;
    const length = text.length;
    const room = length > MEASURED_STRING_LENGTH ? Buffer.byteLength(text) : 3 * length;
    this.#ensure(5 + room);
    // The size of the header depends on the encoded length; the guess is right for ASCII, the most frequent case.
    const guess = stringHeaderBytes(length);
    const start = this.#position;
    const size = this.#bytes.write(text, start + guess, room, "utf8");
    const header = stringHeaderBytes(size);
    if (header !== guess) this.#bytes.copyWithin(start + header, start + guess, start + guess + size);
    if (size < 32) this.#bytes[this.#position++] = 0xa0 | size;
    else if (size < 0x100) {
      this.#bytes[this.#position++] = 0xd9;
      this.#bytes[this.#position++] = size;
    } else this.#writeLength(size, 0xda);
    this.#position += size;
    return true;
  }
}

function stringHeaderBytes(size: number): number {
  if (size < 32) return 1;
  return size < 0x100 ? 2 : size < 0x1_0000 ? 3 : 5;
}

/** Returns the number of bytes of the header of a map or an array. */
function headerBytes(entries: number): number {
  if (entries < 16) return 1;
  return entries < 0x1_0000 ? 3 : 5;
}

/** Returns the marker of the fixed-length form of an extension; 0 for other lengths. */
function fixedExtensionMarker(length: number): number {
  switch (length) {
    case 1:
      return 0xd4;
    case 2:
      return 0xd5;
    case 4:
      return 0xd6;
    case 8:
      return 0xd7;
    case 16:
      return 0xd8;
    default:
      return 0;
  }
}
