import { types } from "node:util";
import { type EncodedValue, formatPath, type PathStep, SnakepitError } from "@snakepit/core";
import { addedPropertiesReason } from "./extensions/added-properties.ts";
import { type ExtensionWriter, MAX_SENT_DEPTH } from "./extensions/extension.ts";
import { EXTENSION_WRITERS } from "./extensions/extension-writers.ts";
import { writeBigInteger, writeBinaryData } from "./extensions/integers-and-bytes.ts";
import { writeMap } from "./extensions/map.ts";
import { writeTypedArray } from "./extensions/ndarray.ts";
import { writeSet } from "./extensions/set.ts";
import { writeUnsendable } from "./extensions/unsendable.ts";
import { writeDate } from "./extensions/zoned-date.ts";
import { ByteWriter } from "./msgpack/byte-writer.ts";
import { type UnsendableReason, unsendableReason } from "./unsendable-reason.ts";

/** How a value is encoded. */
export interface EncodeOptions {
  /** The root of paths in errors: `args` for paths such as `args.items[3]`. Default `value`. */
  readonly root?: string;
  /** Maximum number of bytes of body and buffers together. Default: no limit. */
  readonly maxBytes?: number;
  /**
   * How values that cannot be sent are handled. `error` (default): with a `SERIALIZATION` error. `mark`: the receiver
   * gets an {@link Unsendable} that names the value.
   */
  readonly unsendable?: "error" | "mark";
}

const NO_OPTIONS: EncodeOptions = {};

/** The encoder for reuse, unless it is in use: a getter in the value may encode another value. */
let idle: Encoder | undefined;

/**
 * Encodes a value. `docs/values.md` lists the conversions between JavaScript and Python.
 *
 * Binary data and typed arrays of at least 16 KiB are referenced, not copied. They must not change until the value has
 * been sent.
 *
 * @throws SnakepitError `SERIALIZATION` if a part of the value cannot be sent, `PAYLOAD_TOO_LARGE` if it exceeds
 *   `maxBytes`; `details.path` is the path of the part.
 *
 * @example
 * encodeValue({ text: "hello", pixels: new Float32Array(100_000) }, { root: "args", maxBytes: 64 * 1024 * 1024 });
 */
export function encodeValue(value: unknown, options: EncodeOptions = NO_OPTIONS): EncodedValue {
  const { root = "value", maxBytes = Number.POSITIVE_INFINITY, unsendable = "error" } = options;
  const encoder = idle ?? new Encoder();
  idle = undefined;
  try {
    return encoder.encode(value, root, maxBytes, unsendable === "mark");
  } finally {
    idle = encoder;
  }
}

const NO_BUFFERS: readonly Uint8Array[] = Object.freeze([]);

const LONE_SURROGATE: UnsendableReason = {
  what: "a string with a lone surrogate",
  remedy: "call its toWellFormed() first",
};

/** The path of a key that is a string is also the path of its value, so the error must name the key. */
const LONE_SURROGATE_IN_KEY: UnsendableReason = { ...LONE_SURROGATE, what: "a key with a lone surrogate" };

/**
 * Encodes one value at a time, in one pass. The current path is kept in an array, so that an error contains it without
 * a second pass, which would call getters again.
 */
class Encoder extends ByteWriter implements ExtensionWriter {
  /** The current step in each open container, by depth from 1; undefined before the first step. */
  readonly #steps: (PathStep | undefined)[] = [];
  /** The open containers, by depth from 1. */
  readonly #open: (object | undefined)[] = [];
  #depth = 0;
  #deepest = 0;
  #root = "";
  #maxBytes = 0;
  #marksUnsendable = false;
  #buffers: Uint8Array[] = [];
  #outOfBandBytes = 0;

  /** See {@link encodeValue} for the parameters. */
  encode(value: unknown, root: string, maxBytes: number, marksUnsendable: boolean): EncodedValue {
    this.#root = root;
    this.#maxBytes = maxBytes;
    this.#marksUnsendable = marksUnsendable;
    try {
      this.writeValue(value);
      const byteLength = this.written + this.#outOfBandBytes;
      if (byteLength > maxBytes) throw this.#tooLarge(byteLength);
      const buffers = this.#buffers.length === 0 ? NO_BUFFERS : this.#buffers;
      return { body: this.take(), buffers, byteLength };
    } catch (error) {
      this.abandon();
      throw error instanceof SnakepitError ? error : this.#unreadable(error);
    } finally {
      this.#forget();
    }
  }

  writeValue(value: unknown): void {
    switch (typeof value) {
      case "string":
        if (!this.writeString(value)) this.reject(LONE_SURROGATE);
        break;
      case "number":
        this.writeNumber(value);
        break;
      case "boolean":
        this.writeBoolean(value);
        break;
      case "undefined":
        this.writeNil();
        break;
      case "bigint":
        if (!this.writeBigInt64(value)) writeBigInteger(value, this);
        break;
      case "object":
        if (value === null) this.writeNil();
        else this.#writeObject(value);
        break;
      default:
        this.reject(unsendableReason(value));
    }
  }

  writeArray(array: readonly unknown[]): void {
    if (!this.enter(array)) return;
    const length = array.length;
    this.writeArrayHeader(length);
    for (let index = 0; index < length; index++) {
      this.step(index);
      const element = array[index];
      // A separate call, so that V8 does not allocate each float of the array.
      if (typeof element === "number") this.writeNumber(element);
      else this.writeValue(element);
    }
    this.leave();
  }

  /** Writes a key that is a string. */
  writeKey(key: string): void {
    if (this.writeString(key)) return;
    // A plain map cannot have a mark as a key, so the key is corrected instead.
    if (this.#marksUnsendable) this.writeString(key.toWellFormed());
    else this.reject(LONE_SURROGATE_IN_KEY);
  }

  /** Adds a buffer that is sent next to the body, and returns its index. */
  addBuffer(data: Uint8Array): number {
    this.#outOfBandBytes += data.byteLength;
    this.checkGrowth(this.written);
    return this.#buffers.push(data) - 1;
  }

  /** Opens a container, which {@link leave} closes. Returns false if it cannot be sent and was replaced with a mark. */
  enter(container: object): boolean {
    const cyclic = this.#marksUnsendable && this.#isOpen(container);
    if (cyclic || this.#depth === MAX_SENT_DEPTH) {
      this.#rejectContainer(container);
      return false;
    }
    this.#depth += 1;
    if (this.#depth > this.#deepest) this.#deepest = this.#depth;
    this.#open[this.#depth] = container;
    // Drops the step of the previous container at this depth: until the first step, the path is that of the container.
    this.#steps[this.#depth] = undefined;
    return true;
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Records the part of the open container that is written next; undefined for the container itself. */
  step(step: PathStep | undefined): void {
    this.#steps[this.#depth] = step;
  }

  /** Rejects the current value: throws, or writes a mark if the caller requested marks. */
  reject(reason: UnsendableReason): void {
    if (!this.#marksUnsendable) throw this.#error(`cannot send ${reason.what}; ${reason.remedy}`);
    writeUnsendable(reason.what, this);
  }

  /** Rejects the open container, or, with a step, a part of it because of which the container cannot be sent. */
  rejectPart(reason: UnsendableReason, step: PathStep | undefined): void {
    this.#steps[this.#depth] = step;
    this.reject(reason);
  }

  protected override checkGrowth(written: number): void {
    const byteLength = written + this.#outOfBandBytes;
    if (byteLength > this.#maxBytes) throw this.#tooLarge(byteLength);
  }

  #writeObject(value: object): void {
    if (Array.isArray(value)) {
      // A result of RegExp.prototype.exec. A search for other properties would be slower than writing a short array.
      if ((value as { index?: unknown }).index !== undefined) this.#writeUncommonArray(value);
      else this.writeArray(value);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) this.#writeRecord(value);
    else if (ArrayBuffer.isView(value)) writeTypedArray(value, this);
    else {
      const write = EXTENSION_WRITERS.get(prototype);
      if (write === undefined) this.#writeUncommonObject(value, prototype);
      else write(value, this);
    }
  }

  #writeUncommonArray(array: readonly unknown[]): void {
    const reason = addedPropertiesReason(array);
    if (reason === undefined) this.writeArray(array);
    else this.reject(reason);
  }

  /** Writes instances of subclasses of built-in classes, and objects of another realm, which has other prototypes. */
  #writeUncommonObject(value: object, prototype: unknown): void {
    const reason = addedPropertiesReason(value);
    if (reason !== undefined) this.reject(reason);
    else if (types.isMap(value)) writeMap(value, this);
    else if (types.isSet(value)) writeSet(value, this);
    else if (types.isDate(value)) writeDate(value, this);
    else if (types.isAnyArrayBuffer(value)) writeBinaryData(new Uint8Array(value), this);
    else if (isObjectPrototype(prototype)) this.#writeRecord(value);
    else this.reject(unsendableReason(value));
  }

  #writeRecord(record: object): void {
    if (!this.enter(record)) return;
    const keys = Object.keys(record);
    const count = keys.length;
    const offset = this.written;
    this.writeMapHeader(count);
    let skipped = 0;
    for (let index = 0; index < count; index++) {
      const key = keys[index] as string;
      this.step(key);
      const value = (record as Record<string, unknown>)[key];
      if (value === undefined) {
        skipped += 1;
        continue;
      }
      if (!this.writeName(key, this.#depth, index)) this.writeKey(key);
      // Separate calls, as in writeArray.
      if (typeof value === "number") this.writeNumber(value);
      else this.writeValue(value);
    }
    if (skipped > 0) this.shrinkMapHeader(offset, count, count - skipped);
    this.leave();
  }

  #rejectContainer(container: object): void {
    if (this.#isOpen(container)) {
      this.reject({ what: "a value that contains itself", remedy: "break the cycle, for example with ids" });
    } else {
      this.reject({ what: `containers nested deeper than ${MAX_SENT_DEPTH}`, remedy: "flatten the value" });
    }
  }

  #isOpen(container: object): boolean {
    for (let depth = 1; depth <= this.#depth; depth++) if (this.#open[depth] === container) return true;
    return false;
  }

  #tooLarge(byteLength: number): SnakepitError {
    return new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `${this.#root}: at least ${byteLength} bytes where ${this.#maxBytes} are allowed; send less at a time or raise maxPayloadBytes`,
      { details: { path: this.#root, maxBytes: this.#maxBytes } },
    );
  }

  /** Returns the error for an exception of a getter, of a proxy, or of an array with a detached buffer. */
  #unreadable(cause: unknown): SnakepitError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return this.#error(`cannot be read: ${reason}`, cause);
  }

  #error(problem: string, cause?: unknown): SnakepitError {
    const path = formatPath(
      this.#root,
      this.#steps.slice(1, this.#depth + 1).filter((step) => step !== undefined),
    );
    return new SnakepitError("SERIALIZATION", `${path}: ${problem}`, { details: { path }, cause });
  }

  #forget(): void {
    for (let depth = 1; depth <= this.#deepest; depth++) this.#open[depth] = undefined;
    this.#depth = 0;
    this.#deepest = 0;
    this.#outOfBandBytes = 0;
    if (this.#buffers.length > 0) this.#buffers = [];
  }
}

/** Whether a prototype is the `Object.prototype` of any realm. */
function isObjectPrototype(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty");
}
