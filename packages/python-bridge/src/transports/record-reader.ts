import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { keepFreedMemory } from "./freed-memory.ts";
import { asBuffer, type BatchDecoder, checkAttachments, type DecodedBatch, decodeBatch } from "./incoming-batch.ts";

/** Receives each complete record. */
export type RecordSink = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** The part of a record that has arrived. */
type ReaderState =
  | { readonly is: "between" }
  | { readonly is: "length"; readonly bytes: Uint8Array; filled: number }
  | BatchState
  | AttachmentsState;

interface BatchState {
  readonly is: "batch";
  readonly length: number;
  bytes: Buffer;
  filled: number;
}

interface AttachmentsState {
  readonly is: "attachments";
  readonly batch: DecodedBatch;
  /** The last one is not complete. */
  readonly buffers: Uint8Array[];
  filled: number;
}

const BETWEEN: ReaderState = { is: "between" };
const LENGTH_BYTES = 4;
const NO_ATTACHMENTS: readonly Uint8Array[] = [];
const EMPTY = Buffer.alloc(0);
const PIECE_BYTES = 256 * 1024;

/** Bytes that are initially allocated for a batch of an unauthenticated peer. */
const UNAUTHENTICATED_BYTES = 64 * 1024;

/** Fewer missing bytes of a batch or an attachment are read together with what follows them. */
const MIN_DIRECT_BYTES = 64 * 1024;

/** Bytes of an attachment whose memory is worth keeping for the next one. */
const LARGE_ATTACHMENT = 1024 * 1024;

/**
 * The memory for bytes whose destination is not known before they have arrived. All connections of the process share
 * it, since bytes are read and processed in one step. It holds all that the system buffers for a connection by default.
 */
let pieces: Buffer | undefined;

/**
 * Splits a stream of bytes into records (`uint32` big-endian length of the batch, the batch, its attachments). A batch
 * within one piece of the stream is decoded in place; a longer one is collected in a buffer of its exact size, and each
 * attachment in a separate buffer. Lengths and counts are checked before memory is allocated.
 *
 * The stream may be read into memory of the reader: {@link room} returns the memory for the next bytes. Most bytes of a
 * large attachment are then never copied.
 */
export class RecordReader {
  readonly #sink: RecordSink;
  #state: ReaderState = BETWEEN;
  #maxRecordBytes: number;
  /** Decodes the batches of an unauthenticated peer. */
  #decodeFirst: BatchDecoder | undefined;
  /** The part of a batch or an attachment that {@link room} has returned. */
  #direct: Uint8Array | undefined;

  /**
   * @param maxRecordBytes the maximum size of a record, attachments included.
   * @param sink receives each record. The bodies of its payloads are valid only during the call.
   * @param decodeFirst decodes batches until {@link trust} is called.
   */
  constructor(maxRecordBytes: number, sink: RecordSink, decodeFirst?: BatchDecoder) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#sink = sink;
    this.#decodeFirst = decodeFirst;
  }

  /** Sets the limits for an authenticated peer. */
  trust(maxRecordBytes: number): void {
    this.#maxRecordBytes = maxRecordBytes;
    this.#decodeFirst = undefined;
  }

  /** Whether a record has arrived only in part. */
  get midRecord(): boolean {
    return this.#state.is !== "between";
  }

  /** Returns the memory for the next bytes of the stream, to be passed to {@link arrived}. */
  room(): Uint8Array {
    this.#direct = this.#missing();
    if (this.#direct !== undefined) return this.#direct;
    pieces ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    return pieces;
  }

  /**
   * Reads the next bytes of the stream.
   *
   * @param memory the memory that {@link room} has returned, or other memory, which may be reused afterwards.
   * @param count the number of bytes that have arrived, from the start of the memory.
   * @throws SnakepitError `PROTOCOL_MISMATCH` or `PAYLOAD_TOO_LARGE`; the reader cannot be used afterwards.
   */
  arrived(memory: Uint8Array, count: number): void {
    const state = this.#state;
    if (memory === this.#direct && (state.is === "batch" || state.is === "attachments")) {
      state.filled += count;
      this.#continue(state);
    } else {
      this.#read(asBuffer(memory), count);
    }
  }

  #read(piece: Buffer, end: number): void {
    let offset = 0;
    while (offset < end) {
      const state = this.#state;
      switch (state.is) {
        case "between":
          offset = this.#begin(piece, offset, end);
          break;
        case "length":
          offset += fill(state.bytes, state, piece, offset, end);
          if (state.filled === LENGTH_BYTES) this.#expect(new DataView(state.bytes.buffer).getUint32(0));
          break;
        case "batch":
        case "attachments":
          offset += fill(currentMemory(state), state, piece, offset, end);
          this.#continue(state);
          break;
        default:
          state satisfies never;
      }
    }
  }

  /** Returns the rest of the memory of the current batch or attachment, if it is large. */
  #missing(): Uint8Array | undefined {
    const state = this.#state;
    if (state.is !== "batch" && state.is !== "attachments") return undefined;
    const memory = currentMemory(state);
    if (memory.byteLength - state.filled < MIN_DIRECT_BYTES) return undefined;
    return new Uint8Array(memory.buffer, memory.byteOffset + state.filled, memory.byteLength - state.filled);
  }

  /** Continues after more bytes of a batch or an attachment have arrived. */
  #continue(state: BatchState | AttachmentsState): void {
    const memory = currentMemory(state);
    if (state.filled < memory.byteLength) return;
    if (state.is === "attachments") this.#nextAttachment(state.batch, state.buffers);
    else if (state.filled < state.length) state.bytes = grown(state.bytes, state.length);
    else this.#batch(state.bytes, 0, state.length, false);
  }

  /** Starts a record. In the common case, the piece contains a whole record, which is delivered here. */
  #begin(piece: Buffer, offset: number, end: number): number {
    const available = end - offset - LENGTH_BYTES;
    if (available < 0) {
      this.#state = { is: "length", bytes: new Uint8Array(LENGTH_BYTES), filled: 0 };
      return offset;
    }
    const length = piece.readUInt32BE(offset);
    const start = offset + LENGTH_BYTES;
    if (length > available) {
      this.#expect(length);
      return start;
    }
    this.#checkSize(length);
    this.#batch(piece, start, start + length, true);
    return start + length;
  }

  #expect(length: number): void {
    this.#checkSize(length);
    if (length === 0) this.#batch(EMPTY, 0, 0, false);
    else {
      const reserved = this.#decodeFirst === undefined ? length : Math.min(length, UNAUTHENTICATED_BYTES);
      this.#state = { is: "batch", length, bytes: Buffer.allocUnsafeSlow(reserved), filled: 0 };
    }
  }

  /** @param isReused whether other bytes replace those of the batch after this step. */
  #batch(memory: Buffer, start: number, end: number, isReused: boolean): void {
    this.#state = BETWEEN;
    const batch = this.#decode(memory, start, end);
    if (batch.attachmentLengths.length === 0) {
      this.#sink(batch.frames, NO_ATTACHMENTS);
      return;
    }
    this.#checkSize(batch.attachmentLengths.reduce((sum, length) => sum + length, end - start));
    checkAttachments(batch.frames, batch.attachmentLengths);
    // The batch is delivered later, and its frames refer to its memory. Decoding again is cheaper than any attachment.
    const kept = isReused ? this.#decode(Buffer.from(memory.subarray(start, end)), 0, end - start) : batch;
    this.#nextAttachment(kept, []);
  }

  #decode(memory: Buffer, start: number, end: number): DecodedBatch {
    if (this.#decodeFirst !== undefined) return this.#decodeFirst(memory.subarray(start, end));
    return decodeBatch(memory, start, end);
  }

  /** Continues with the next attachment that is not empty, or delivers the record. */
  #nextAttachment(batch: DecodedBatch, buffers: Uint8Array[]): void {
    for (;;) {
      const length = batch.attachmentLengths[buffers.length];
      if (length === undefined) {
        this.#state = BETWEEN;
        this.#sink(batch.frames, buffers);
        return;
      }
      // Not from Node's shared pool: an attachment must be at the beginning of its memory to be aligned.
      if (length >= LARGE_ATTACHMENT) keepFreedMemory();
      buffers.push(length === 0 ? EMPTY : Buffer.allocUnsafeSlow(length));
      if (length > 0) {
        this.#state = { is: "attachments", batch, buffers, filled: 0 };
        return;
      }
    }
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxRecordBytes) return;
    throw new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `a record must be at most ${this.#maxRecordBytes} bytes; got ${bytes}`,
      { details: { bytes, limit: this.#maxRecordBytes } },
    );
  }
}

/** Returns the memory that is being filled. */
function currentMemory(state: BatchState | AttachmentsState): Uint8Array {
  return state.is === "batch" ? state.bytes : (state.buffers.at(-1) as Uint8Array);
}

/** Returns a copy in a buffer of twice the size, at most `length`. */
function grown(bytes: Buffer, length: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(2 * bytes.byteLength, length));
  larger.set(bytes);
  return larger;
}

/** Copies bytes of the piece to the rest of the target; returns how many were copied. */
function fill(target: Uint8Array, progress: { filled: number }, piece: Buffer, offset: number, end: number): number {
  const copied = piece.copy(target, progress.filled, offset, end);
  progress.filled += copied;
  return copied;
}
