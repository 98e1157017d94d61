import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, MAX_RECEIVED_DEPTH } from "./extensions/extension.ts";
import { EXTENSION_READERS } from "./extensions/extension-readers.ts";
import { ByteReader } from "./msgpack/byte-reader.ts";

/**
 * Decodes a value that {@link encodeValue} or a worker encoded. `docs/values.md` lists the conversions between Python
 * and JavaScript.
 *
 * Typed arrays and large binary data are views of `buffers` if the alignment allows it; do not reuse the buffers. The
 * value does not refer to `body`.
 *
 * Safe for untrusted input: allocates memory in proportion to the number of bytes, and always terminates.
 *
 * @param body the encoded value without its buffers.
 * @param buffers all buffers of the value, in order.
 * @throws SnakepitError `SERIALIZATION` if the bytes are malformed.
 */
export function decodeValue(body: Uint8Array, buffers: readonly Uint8Array[] = []): unknown {
  try {
    return new Decoder(body, buffers).decode();
  } catch (error) {
    if (error instanceof SnakepitError && error.code === "SERIALIZATION") throw error;
    // A constructor has rejected its arguments, for example an invalid day or a big integer above the limit of V8.
    const reason = error instanceof Error ? error.message : String(error);
    throw new SnakepitError("SERIALIZATION", `cannot decode a value: ${reason}`, { cause: error });
  }
}

/** Arrays up to this length are preallocated. V8 stores much longer preallocated arrays in a slow form. */
const ALLOCATED_LENGTH = 1 << 20;

/** Decodes one value. */
class Decoder extends ByteReader implements ExtensionReader {
  readonly #buffers: readonly Uint8Array[];
  #buffersUsed = 0;
  #depth = 0;
  /** Number of elements in all containers so far. */
  #elements = 0;

  constructor(body: Uint8Array, buffers: readonly Uint8Array[]) {
    super(body);
    this.#buffers = buffers;
  }

  /** Returns the value; remaining bytes or buffers are an error. */
  decode(): unknown {
    const value = this.readValue();
    if (this.remaining > 0) throw this.malformed("it has extra bytes after its end");
    if (this.#buffersUsed !== this.#buffers.length) {
      throw this.malformed(`it uses ${this.#buffersUsed} of ${this.#buffers.length} buffers`);
    }
    return value;
  }

  readValue(): unknown {
    return this.#readFrom(this.readUint8());
  }

  /** Reads a value that must be an array. */
  readArray(): unknown[] {
    const value = this.readValue();
    if (!Array.isArray(value)) throw this.malformed("the content of an extension must be an array");
    return value;
  }

  /**
   * Returns the buffer of a value. Each is used once, in order, so that a short body cannot expand to a large value.
   */
  takeBuffer(): Uint8Array {
    const index = this.readUint32();
    const buffer = this.#buffers[index];
    if (buffer === undefined || index !== this.#buffersUsed) {
      throw this.malformed(
        `it refers to buffer ${index} after using ${this.#buffersUsed} of ${this.#buffers.length} buffers`,
      );
    }
    this.#buffersUsed += 1;
    return buffer;
  }

  #readFrom(marker: number): unknown {
    if (marker < 0x80) return marker;
    if (marker < 0x90) return this.#readMap(marker & 0x0f);
    if (marker < 0xa0) return this.#readArray(marker & 0x0f);
    if (marker < 0xc0) return this.readText(marker & 0x1f);
    if (marker >= 0xe0) return marker - 0x100;
    return this.#readMarked(marker);
  }

  #readMarked(marker: number): unknown {
    switch (marker) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.copyBytes(this.readUint8());
      case 0xc5:
        return this.copyBytes(this.readUint16());
      case 0xc6:
        return this.copyBytes(this.readUint32());
      case 0xc7:
        return this.#readExtension(this.readUint8());
      case 0xc8:
        return this.#readExtension(this.readUint16());
      case 0xc9:
        return this.#readExtension(this.readUint32());
      case 0xca:
        return this.readFloat32();
      case 0xcb:
        return this.readFloat64();
      case 0xcc:
        return this.readUint8();
      case 0xcd:
        return this.readUint16();
      case 0xce:
        return this.readUint32();
      case 0xcf:
        return this.readUint64();
      case 0xd0:
        return this.readInt8();
      case 0xd1:
        return this.readInt16();
      case 0xd2:
        return this.readInt32();
      case 0xd3:
        return this.readInt64();
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#readExtension(1 << (marker - 0xd4));
      case 0xd9:
        return this.readText(this.readUint8());
      case 0xda:
        return this.readText(this.readUint16());
      case 0xdb:
        return this.readText(this.readUint32());
      case 0xdc:
        return this.#readArray(this.readUint16());
      case 0xdd:
        return this.#readArray(this.readUint32());
      case 0xde:
        return this.#readMap(this.readUint16());
      case 0xdf:
        return this.#readMap(this.readUint32());
      default:
        throw this.malformed(`no value begins with byte 0x${marker.toString(16)}`);
    }
  }

  #readArray(length: number): unknown[] {
    this.#enter(length);
    const array = length <= ALLOCATED_LENGTH ? new Array<unknown>(length) : [];
    for (let index = 0; index < length; index++) array[index] = this.readValue();
    this.#depth -= 1;
    return array;
  }

  #readMap(entries: number): Record<string, unknown> | Map<unknown, unknown> {
    this.#enter(entries * 2);
    const record: Record<string, unknown> = {};
    for (let index = 0; index < entries; index++) {
      const key = this.#readKey();
      if (typeof key !== "string") return this.#readMapFrom(new Map(Object.entries(record)), key, entries, index);
      setOwn(record, key, this.readValue());
    }
    this.#depth -= 1;
    return record;
  }

  /** Continues with a map that has other keys than strings, after the key of the entry `index`. */
  #readMapFrom(map: Map<unknown, unknown>, firstKey: unknown, entries: number, index: number): Map<unknown, unknown> {
    map.set(firstKey, this.readValue());
    for (let next = index + 1; next < entries; next++) {
      const key = this.#readKey();
      map.set(key, this.readValue());
    }
    if (map.size !== entries) throw this.malformed("a map has the same key twice");
    this.#depth -= 1;
    return map;
  }

  #readKey(): unknown {
    const marker = this.readUint8();
    if (marker >= 0xa0 && marker < 0xc0) return this.readKeyText(marker & 0x1f);
    if (marker === 0xd9) return this.readKeyText(this.readUint8());
    return this.#readFrom(marker);
  }

  #readExtension(length: number): unknown {
    const tag = this.readUint8();
    const read = EXTENSION_READERS[tag];
    if (read === undefined) throw this.malformed(`the extension type ${tag} is unknown`);
    const outer = this.narrow(length);
    this.#enter(0);
    const value = read(this);
    this.#depth -= 1;
    this.widen(outer);
    return value;
  }

  /** Enters a container. Each element takes at least one byte, so that more elements than bytes are an error. */
  #enter(elements: number): void {
    this.#elements += elements;
    if (this.#elements > this.length) throw this.malformed(`a container claims ${elements} elements`);
    this.#depth += 1;
    if (this.#depth > MAX_RECEIVED_DEPTH) throw this.malformed(`it is nested deeper than ${MAX_RECEIVED_DEPTH}`);
  }
}

/** Sets an own property. Assigning to `__proto__` would change the prototype instead. */
function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else record[key] = value;
}
