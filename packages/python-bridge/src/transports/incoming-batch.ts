import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type Chunk, Frame, type Payload, PayloadFormat, type Result } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { type FrameReceiver, MAX_ATTACHMENTS_PER_BATCH, MAX_FRAMES_PER_BATCH } from "./frame-transport.ts";

/** A decoded batch. Its attachments have not arrived yet. */
export interface DecodedBatch {
  readonly frames: readonly Frame[];
  readonly attachmentLengths: readonly number[];
}

/** Decodes the bytes of a batch. */
export type BatchDecoder = (bytes: Uint8Array) => DecodedBatch;

const FRAMES = (1 << 3) | 2;
const ATTACHMENT_LENGTHS = (2 << 3) | 2;
const ATTACHMENT_LENGTH = 2 << 3;
const NO_LENGTHS: readonly number[] = [];

// The fields of answers, in the order in which workers write them.
const RESULT = (2 << 3) | 2;
const CHUNK = (3 << 3) | 2;
const ID = 1 << 3;
const VALUE = (2 << 3) | 2;
const EXECUTION_US = 3 << 3;
const FORMAT = 1 << 3;
const BODY = (2 << 3) | 2;
const BUFFER_LENGTHS = (3 << 3) | 2;

const MAX_UINT32 = 0xffff_ffff;
const INVALID = -1;

/**
 * Decodes a `Batch` with a limit on the number of frames. The generated decoder has no limit: a short record of empty
 * frames would become gigabytes of objects.
 *
 * @param bytes memory that contains the batch. The bodies of payloads are views of it.
 * @param start the offset of the batch. Default: 0.
 * @param end the end of the batch. Default: the end of the memory.
 * @throws SnakepitError `PROTOCOL_MISMATCH` if the bytes are not a batch or contain too many frames.
 */
export function decodeBatch(bytes: Uint8Array, start = 0, end = bytes.byteLength): DecodedBatch {
  const memory = asBuffer(bytes);
  const answers = new AnswerReader(memory);
  const batch = new BatchFields(memory, start, end);
  try {
    for (let position = start; position < end; ) {
      const answer = answers.read(position, end);
      if (answer === undefined) {
        position = batch.readField(position);
      } else {
        batch.addFrame(answer);
        position = answers.position;
      }
    }
  } catch (thrown) {
    if (thrown instanceof SnakepitError) throw thrown;
    throw new SnakepitError("PROTOCOL_MISMATCH", `a record of ${end - start} bytes is not a valid batch of frames`, {
      cause: thrown,
    });
  }
  return batch;
}

/**
 * Reads the frames that make up almost all of the traffic of a worker, results and chunks with a value, without the
 * generated decoder, which takes four times as long. It accepts only the form in which workers write them: each field
 * once and in order. All other frames are left to the generated decoder.
 */
class AnswerReader {
  #bytes: Buffer;
  #position = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The offset after the frame that was read. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads the frame at an offset of a batch. Its body is a view of the batch.
   *
   * @param end the end of the batch.
   * @returns `undefined` if something else is there.
   */
  read(start: number, end: number): Frame | undefined {
    this.#position = start;
    this.#end = end;
    if (!this.#tag(FRAMES)) return undefined;
    const length = this.#uint32();
    if (length === INVALID || length > end - this.#position) return undefined;
    this.#end = this.#position + length;
    if (this.#tag(RESULT)) {
      const result = this.#result();
      return result && { kind: { $case: "result", value: result } };
    }
    if (!this.#tag(CHUNK)) return undefined;
    const chunk = this.#chunk();
    return chunk && { kind: { $case: "chunk", value: chunk } };
  }

  /** Reads a result, whose execution time is before or after its value. */
  #result(): Result | undefined {
    if (!this.#isRest() || !this.#tag(ID)) return undefined;
    const id = this.#uint32();
    const before = this.#tag(EXECUTION_US) ? this.#uint32() : 0;
    const value = this.#value();
    const after = this.#position < this.#end && this.#tag(EXECUTION_US) ? this.#uint32() : before;
    if (id === INVALID || before === INVALID || after === INVALID || this.#position < this.#end) return undefined;
    return value && { id, value, executionUs: after };
  }

  #chunk(): Chunk | undefined {
    if (!this.#isRest() || !this.#tag(ID)) return undefined;
    const id = this.#uint32();
    const value = this.#value();
    return id === INVALID || this.#position < this.#end ? undefined : value && { id, value };
  }

  #value(): Payload | undefined {
    if (!this.#tag(VALUE)) return undefined;
    const length = this.#uint32();
    const outer = this.#end;
    if (length === INVALID || length > outer - this.#position) return undefined;
    this.#end = this.#position + length;
    const payload = this.#payload();
    this.#end = outer;
    return payload;
  }

  #payload(): Payload | undefined {
    if (!this.#tag(FORMAT) || !this.#tag(PayloadFormat.MESSAGEPACK) || !this.#tag(BODY)) return undefined;
    const length = this.#uint32();
    const start = this.#position;
    if (length === INVALID || length > this.#end - start) return undefined;
    this.#position = start + length;
    const bufferLengths = this.#position === this.#end ? [] : this.#bufferLengths();
    if (bufferLengths === undefined) return undefined;
    const body = this.#bytes.subarray(start, start + length);
    return { format: PayloadFormat.MESSAGEPACK, body, bufferLengths };
  }

  #bufferLengths(): number[] | undefined {
    if (!this.#tag(BUFFER_LENGTHS) || !this.#isRest()) return undefined;
    const lengths: number[] = [];
    while (this.#position < this.#end) {
      const length = this.#uint32();
      if (length === INVALID) return undefined;
      lengths.push(length);
    }
    return lengths;
  }

  /** Skips a byte if it has this value. */
  #tag(value: number): boolean {
    if (this.#position >= this.#end || this.#bytes[this.#position] !== value) return false;
    this.#position += 1;
    return true;
  }

  /** Reads the length of a nested message; returns whether the message is all that is left. */
  #isRest(): boolean {
    const length = this.#uint32();
    return length === this.#end - this.#position;
  }

  #uint32(): number {
    let value = 0;
    let factor = 1;
    while (this.#position < this.#end && factor < 2 ** 35) {
      const byte = this.#bytes[this.#position++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value <= MAX_UINT32 ? value : INVALID;
      factor *= 0x80;
    }
    return INVALID;
  }
}

/** The fields of a batch, read with the generated decoder. */
class BatchFields implements DecodedBatch {
  readonly frames: Frame[] = [];
  #attachmentLengths: number[] | undefined;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  /** Created for the first field that is not an answer. */
  #reader: BinaryReader | undefined;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  get attachmentLengths(): readonly number[] {
    return this.#attachmentLengths ?? NO_LENGTHS;
  }

  addFrame(frame: Frame): void {
    if (this.frames.length === MAX_FRAMES_PER_BATCH) throw tooMany("frames", MAX_FRAMES_PER_BATCH);
    this.frames.push(frame);
  }

  /** Reads the field at an offset; returns the offset after it. */
  readField(position: number): number {
    this.#reader ??= new BinaryReader(this.#bytes.subarray(this.#start, this.#end));
    const reader = this.#reader;
    reader.pos = position - this.#start;
    const tag = reader.uint32();
    if (tag === FRAMES) {
      this.addFrame(Frame.decode(reader, reader.uint32()));
    } else if (tag === ATTACHMENT_LENGTHS) {
      const length = reader.uint32();
      for (const end = reader.pos + length; reader.pos < end; ) this.#addLength(reader);
    } else if (tag === ATTACHMENT_LENGTH) {
      this.#addLength(reader);
    } else {
      if (tag >>> 3 === 0) throw new RangeError("illegal tag");
      // A field of a later version.
      reader.skip(tag & 7, tag >>> 3);
    }
    if (reader.pos > reader.len) throw new RangeError("premature end");
    return this.#start + reader.pos;
  }

  #addLength(reader: BinaryReader): void {
    this.#attachmentLengths ??= [];
    if (this.#attachmentLengths.length === MAX_ATTACHMENTS_PER_BATCH) {
      throw tooMany("attachments", MAX_ATTACHMENTS_PER_BATCH);
    }
    this.#attachmentLengths.push(Number(reader.uint64()));
  }
}

/** Returns the same memory as a buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooMany(what: string, limit: number): SnakepitError {
  return new SnakepitError("PROTOCOL_MISMATCH", `a batch must have at most ${limit} ${what}; got more`);
}

const NO_BUFFERS: readonly Uint8Array[] = [];

/**
 * Delivers each frame of a batch with its attachments.
 *
 * @param receiver returns the receiver of the next frame, or `undefined` to stop.
 * @throws SnakepitError `PROTOCOL_MISMATCH` if frames and attachments do not match.
 */
export function deliverBatch(
  frames: readonly Frame[],
  attachments: readonly Uint8Array[],
  receiver: () => FrameReceiver | undefined,
): void {
  let next = 0;
  for (const frame of frames) {
    const lengths = bufferLengths(frame);
    let buffers = NO_BUFFERS;
    if (lengths.length > 0) {
      buffers = attachments.slice(next, next + lengths.length);
      next += lengths.length;
      if (!lengths.every((length, index) => buffers[index]?.byteLength === length)) throw mismatch();
    }
    const current = receiver();
    if (current === undefined) return;
    current.frame(frame, buffers);
  }
  if (next !== attachments.length) throw mismatch();
}

/**
 * Checks that the payloads of the frames have attachments of exactly these lengths, before memory is allocated for
 * them.
 *
 * @throws SnakepitError `PROTOCOL_MISMATCH` if they do not match.
 */
export function checkAttachments(frames: readonly Frame[], lengths: readonly number[]): void {
  let next = 0;
  for (const frame of frames) {
    for (const length of bufferLengths(frame)) {
      if (lengths[next++] !== length) throw mismatch();
    }
  }
  if (next !== lengths.length) throw mismatch();
}

/** Returns the lengths of the buffers of a frame's payloads, in order. */
function bufferLengths(frame: Frame): readonly number[] {
  if (frame.kind?.$case === "telemetry") {
    const { spans, events } = frame.kind.value;
    return [...spans, ...events].flatMap((record) => record.attributes?.bufferLengths ?? NO_LENGTHS);
  }
  return payloadOf(frame)?.bufferLengths ?? NO_LENGTHS;
}

function mismatch(): SnakepitError {
  return new SnakepitError("PROTOCOL_MISMATCH", "the attachments of a batch must match the payloads of its frames");
}

/** Returns the payload of a frame; `undefined` if it has none. */
export function payloadOf(frame: Frame): Payload | undefined {
  const kind = frame.kind;
  switch (kind?.$case) {
    case "result":
    case "chunk":
    case "replyChunk":
      return kind.value.value;
    case "call":
      return kind.value.args;
    case "request":
      return kind.value.payload;
    case "reply":
      return kind.value.outcome?.$case === "value" ? kind.value.outcome.value : undefined;
    default:
      return undefined;
  }
}
