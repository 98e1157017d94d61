/** Collects bytes. */
export class ByteSink {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** The number of bytes so far. */
  get length(): number {
    return this.#length;
  }

  uint8(value: number): this {
    // First: it may replace the buffer.
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  uint16(value: number): this {
    const at = this.#grow(2);
    this.#bytes.writeUInt16BE(value & 0xffff, at);
    return this;
  }

  uint32(value: number): this {
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
    return this;
  }

  float64(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#grow(bytes.byteLength);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Returns a copy of the bytes so far. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  /** Reserves bytes and returns their offset. */
  #grow(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#length = end;
    return start;
  }
}
