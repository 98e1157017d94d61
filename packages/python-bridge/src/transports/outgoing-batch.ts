import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Frame } from "@snakepit/bridge-proto";
import { BATCH_TARGET_BYTES } from "./frame-transport.ts";
import { payloadOf } from "./incoming-batch.ts";

/** Sends frames as one batch. */
export type WriteBatch = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** The typical size of a frame without its payload. */
const SMALL_FRAME_BYTES = 64;

const NO_BUFFERS: readonly Uint8Array[] = [];

/** Collects frames and sends them as one batch at the end of the turn, or earlier if the batch is large. */
export class OutgoingBatch {
  readonly #write: WriteBatch;
  #frames: Frame[] = [];
  #attachments: Uint8Array[] = [];
  /** The approximate size of the batch with its attachments; payloads and attachments are counted exactly. */
  #roughBytes = 0;

  constructor(write: WriteBatch) {
    this.#write = write;
  }

  add(frame: Frame, buffers: readonly Uint8Array[] = NO_BUFFERS): void {
    if (this.#frames.push(frame) === 1) flushAfterTurn(this);
    this.#roughBytes += SMALL_FRAME_BYTES + (payloadOf(frame)?.body.byteLength ?? 0);
    for (const buffer of buffers) {
      this.#attachments.push(buffer);
      this.#roughBytes += buffer.byteLength;
    }
    if (this.#roughBytes >= BATCH_TARGET_BYTES || changesLimits(frame)) this.flush();
  }

  /** Sends the collected frames, if there are any. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    const attachments = this.#attachments;
    this.#frames = [];
    if (attachments.length > 0) this.#attachments = [];
    this.#roughBytes = 0;
    this.#write(frames, attachments);
  }
}

/** Accept announces the size limit of further records, so later frames must not be in the same batch. */
function changesLimits(frame: Frame): boolean {
  return frame.kind?.$case === "accept";
}

interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/**
 * Flushes after all promise callbacks of this turn, so that the frames that they add are included. This is before the
 * event loop polls for the next event.
 */
function flushAfterTurn(flushable: Flushable): void {
  // A nextTick callback that is queued from a microtask runs after all microtasks; one that is queued from the event
  // callback itself would run before the first microtask.
  if (waiting.push(flushable) === 1) queueMicrotask(flushWhenSettled);
}

function flushWhenSettled(): void {
  process.nextTick(flushAll);
}

function flushAll(): void {
  const flushables = waiting;
  waiting = [];
  for (const flushable of flushables) flushable.flush();
}

const SLAB_BYTES = 64 * 1024;
/**
 * A message starts in a new slab if less space is left, so that few messages have to be copied while they are written.
 */
const MIN_ROOM_BYTES = 512;
const MAX_UINT32 = 0xffff_ffff;

/**
 * A writer for the generated protobuf encoders. It writes consecutive messages to one slab of memory and returns views
 * of it. The library's writer copies each message to new memory: a batch of one small call takes 0.85 µs, and 0.2 µs
 * here.
 */
export class SlabWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** The offset of the current message. */
  #start = 0;
  #position = 0;
  /** The offsets of the length fields of open nested messages, relative to the current message. */
  readonly #forks: number[] = [];

  /** Starts a message after `prefixBytes` reserved bytes. */
  begin(prefixBytes: number): void {
    // A previous message may have failed before its end.
    this.#forks.length = 0;
    this.#position = this.#start;
    this.#reserve(Math.max(prefixBytes, MIN_ROOM_BYTES));
    this.#position += prefixBytes;
  }

  /** Ends the message and returns its bytes, which are not written again. */
  finish(): Buffer {
    const message = this.#slab.subarray(this.#start, this.#position);
    this.#start = this.#position;
    // The slab of a large message is not used again.
    if (this.#slab.byteLength > SLAB_BYTES) this.#renew(SLAB_BYTES);
    return message;
  }

  uint32(value: number): this {
    if (!(Number.isInteger(value) && value >= 0 && value <= MAX_UINT32)) throw invalidUint32(value);
    this.#reserve(5);
    const slab = this.#slab;
    let position = this.#position;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) slab[position++] = (rest & 0x7f) | 0x80;
    slab[position++] = rest;
    this.#position = position;
    return this;
  }

  int32(value: number): this {
    return value >= 0 ? this.uint32(value) : this.uint64(BigInt.asUintN(64, BigInt(value)));
  }

  uint64(value: number | bigint | string): this {
    let rest = BigInt(value);
    this.#reserve(10);
    for (; rest > 0x7fn; rest >>= 7n) this.#slab[this.#position++] = Number(rest & 0x7fn) | 0x80;
    this.#slab[this.#position++] = Number(rest);
    return this;
  }

  bool(value: boolean): this {
    return this.uint32(value ? 1 : 0);
  }

  double(value: number): this {
    this.#reserve(8);
    this.#position = this.#slab.writeDoubleLE(value, this.#position);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.uint32(value.byteLength);
    this.#reserve(value.byteLength);
    this.#slab.set(value, this.#position);
    this.#position += value.byteLength;
    return this;
  }

  string(value: string): this {
    const { length } = value;
    // Names and IDs are short ASCII strings. A string with another character is encoded again below.
    if (length < 0x80) {
      this.#reserve(length + 1);
      const slab = this.#slab;
      let position = this.#position + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        slab[position++] = code;
      }
      if (i === length) {
        slab[this.#position] = length;
        this.#position = position;
        return this;
      }
    }
    const bytes = Buffer.byteLength(value);
    this.uint32(bytes);
    this.#reserve(bytes);
    this.#slab.write(value, this.#position);
    this.#position += bytes;
    return this;
  }

  fork(): this {
    this.#forks.push(this.#position - this.#start);
    // Most lengths fit in one byte; join() adds space for longer ones.
    this.#reserve(1);
    this.#position += 1;
    return this;
  }

  join(): this {
    const fork = this.#forks.pop();
    if (fork === undefined) throw new RangeError("join() must follow fork()");
    let at = this.#start + fork;
    const length = this.#position - at - 1;
    if (length < 0x80) {
      this.#slab[at] = length;
      return this;
    }
    let prefixBytes = 1;
    for (let rest = length; rest > 0x7f; rest >>>= 7) prefixBytes += 1;
    this.#reserve(prefixBytes - 1);
    at = this.#start + fork;
    this.#slab.copyWithin(at + prefixBytes, at + 1, at + 1 + length);
    this.#position = at;
    this.uint32(length);
    this.#position += length;
    return this;
  }

  #reserve(bytes: number): void {
    if (this.#position + bytes > this.#slab.byteLength) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const written = this.#position - this.#start;
    const needed = written + bytes;
    // A large message may grow again; the extra space reduces the number of copies.
    this.#renew(needed <= SLAB_BYTES / 2 ? SLAB_BYTES : needed + needed / 2);
  }

  /** Moves the current message to new memory. The old memory is still used by previous messages. */
  #renew(bytes: number): void {
    const slab = Buffer.allocUnsafeSlow(bytes);
    this.#position = this.#slab.copy(slab, 0, this.#start, this.#position);
    this.#start = 0;
    this.#slab = slab;
  }
}

function invalidUint32(value: number): RangeError {
  return new RangeError(`a uint32 field must be an integer from 0 to ${MAX_UINT32}; got ${value}`);
}

const FRAMES = (1 << 3) | 2;
const ATTACHMENT_LENGTHS = (2 << 3) | 2;

/** Shared by the whole process: encoding is synchronous, so that batches never overlap. */
const writer = new SlabWriter();

/**
 * Encodes frames as a `Batch`.
 *
 * @param attachments the buffers that follow the batch; the batch contains their lengths.
 * @param prefixBytes bytes to reserve before the batch, for a transport that writes a length there.
 * @throws Error if a value is out of range for its field.
 */
export function encodeBatch(frames: readonly Frame[], attachments: readonly Uint8Array[], prefixBytes: number): Buffer {
  // The generated encoders have the library's writer as their parameter type; SlabWriter has the methods that they
  // call.
  const generated = writer as unknown as BinaryWriter;
  writer.begin(prefixBytes);
  for (const frame of frames) {
    writer.uint32(FRAMES).fork();
    Frame.encode(frame, generated);
    writer.join();
  }
  if (attachments.length > 0) {
    writer.uint32(ATTACHMENT_LENGTHS).fork();
    for (const attachment of attachments) writer.uint64(attachment.byteLength);
    writer.join();
  }
  return writer.finish();
}
