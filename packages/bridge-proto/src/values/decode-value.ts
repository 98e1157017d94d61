import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, MAX_RECEIVED_DEPTH } from "./extensions/extension.ts";
import { EXTENSION_READERS } from "./extensions/extension-readers.ts";
import { ByteReader } from "./msgpack/byte-reader.ts";

/**
 * Reads a value that {@link encodeValue} or the worker wrote. Which value of Python becomes which of JavaScript is
 * listed in `docs/values.md`.
 *
 * Typed arrays and large binary data are views of `buffers` where their alignment allows it, so those belong to the
 * value from then on. Nothing in the value refers to `body`.
 *
 * Safe against any input: it reads nothing but the bytes given, allocates in proportion to them, and always ends.
 *
 * @param body the value itself.
 * @param buffers what travelled beside it, all of it.
 * @throws SnakepitError `SERIALIZATION` when this is not a value.
 */
export function decodeValue(body: Uint8Array, buffers: readonly Uint8Array[] = []): unknown {
  try {
    return new Decoder(body, buffers).decode();
  } catch (error) {
    if (error instanceof SnakepitError && error.code === "SERIALIZATION") throw error;
    // What a constructor rejects: an invalid day, a big integer that is too long for this runtime.
    const reason = error instanceof Error ? error.message : String(error);
    throw new SnakepitError("SERIALIZATION", `cannot decode a value: ${reason}`, { cause: error });
  }
}

/** Arrays up to this length are allocated at once; V8 keeps much longer ones in a slow form when they are. */
const ALLOCATED_LENGTH = 1 << 20;

/** Reads one value and all that is in it. */
class Decoder extends ByteReader implements ExtensionReader {
  readonly #buffers: readonly Uint8Array[];
  #buffersUsed = 0;
  #depth = 0;
  /** Elements of all containers so far. */
  #elements = 0;

  constructor(body: Uint8Array, buffers: readonly Uint8Array[]) {
    super(body);
    this.#buffers = buffers;
  }

  /** The whole value; whatever is left over is an error. */
  decode(): unknown {
    const value = this.readValue();
    if (this.remaining > 0) throw this.malformed("bytes are left over behind it");
    if (this.#buffersUsed !== this.#buffers.length) {
      throw this.malformed(`${this.#buffers.length} buffers came with it and it uses ${this.#buffersUsed}`);
    }
    return value;
  }

  readValue(): unknown {
    return this.#readFrom(this.readUint8());
  }

  /** A value that must be an array. */
  readArray(): unknown[] {
    const value = this.readValue();
    if (!Array.isArray(value)) throw this.malformed("an array was expected");
    return value;
  }

  /** The buffer that a value refers to. Each is used once, in order, so that a short body cannot unfold into a large value. */
  takeBuffer(): Uint8Array {
    const index = this.readUint32();
    const buffer = this.#buffers[index];
    if (buffer === undefined || index !== this.#buffersUsed) {
      throw this.malformed(
        `it refers to buffer ${index} where ${this.#buffersUsed} of ${this.#buffers.length} were used`,
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

  /** Goes on with a map that has keys other than strings, from its entry `index`, whose key was read. */
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
    if (read === undefined) throw this.malformed(`extension type ${tag} is not known`);
    const outer = this.narrow(length);
    this.#enter(0);
    const value = read(this);
    this.#depth -= 1;
    this.widen(outer);
    return value;
  }

  /** Opens a container of so many elements. Each of all elements has a byte of its own, so more than those is a lie. */
  #enter(elements: number): void {
    this.#elements += elements;
    if (this.#elements > this.length) throw this.malformed(`a container claims ${elements} elements`);
    this.#depth += 1;
    if (this.#depth > MAX_RECEIVED_DEPTH) throw this.malformed(`it is nested deeper than ${MAX_RECEIVED_DEPTH}`);
  }
}

/** Sets a property of the object itself: assigning to `__proto__` would change its prototype instead. */
function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else record[key] = value;
}
