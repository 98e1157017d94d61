import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { type BatchDecoder, checkAttachments, type DecodedBatch, decodeBatch } from "./incoming-batch.ts";

/** Receives each complete record. */
export type RecordSink = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** The part of a record that has arrived. */
type ReaderState =
  | { readonly is: "between" }
  | { readonly is: "length"; readonly bytes: Uint8Array; filled: number }
  | { readonly is: "batch"; readonly length: number; bytes: Uint8Array; filled: number }
  | { readonly is: "attachments"; readonly batch: DecodedBatch; readonly buffers: Uint8Array[]; filled: number };

const BETWEEN: ReaderState = { is: "between" };
const LENGTH_BYTES = 4;
const NO_ATTACHMENTS: readonly Uint8Array[] = [];
const EMPTY = new Uint8Array(0);

/** Bytes that are initially allocated for a batch of an unauthenticated peer. */
const UNAUTHENTICATED_BYTES = 64 * 1024;

/**
 * Splits a stream of bytes into records (`uint32` big-endian length of the batch, the batch, its attachments). A batch
 * within one piece of the stream is decoded in place; a longer one is collected in a buffer of its exact size, and each
 * attachment in a separate buffer. Lengths and counts are checked before memory is allocated.
 */
export class RecordReader {
  readonly #sink: RecordSink;
  #state: ReaderState = BETWEEN;
  #maxRecordBytes: number;
  /** Decodes the batches of an unauthenticated peer. */
  #decodeFirst: BatchDecoder | undefined;

  /**
   * @param maxRecordBytes the maximum size of a record, attachments included.
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

  /**
   * Reads the next piece of the stream.
   *
   * @throws SnakepitError `PROTOCOL_MISMATCH` or `PAYLOAD_TOO_LARGE`; the reader cannot be used afterwards.
   */
  push(piece: Buffer): void {
    let offset = 0;
    while (offset < piece.byteLength) {
      const state = this.#state;
      switch (state.is) {
        case "between":
          offset = this.#begin(piece, offset);
          break;
        case "length":
          offset += fill(state.bytes, state, piece, offset);
          if (state.filled === LENGTH_BYTES) this.#expect(new DataView(state.bytes.buffer).getUint32(0));
          break;
        case "batch":
          offset += fill(state.bytes, state, piece, offset);
          if (state.filled === state.length) this.#batch(state.bytes);
          else if (state.filled === state.bytes.byteLength) state.bytes = grown(state.bytes, state.length);
          break;
        case "attachments": {
          const buffer = state.buffers.at(-1) as Uint8Array;
          offset += fill(buffer, state, piece, offset);
          if (state.filled === buffer.byteLength) this.#nextAttachment(state.batch, state.buffers);
          break;
        }
        default:
          state satisfies never;
      }
    }
  }

  /** Starts a record. In the common case, the piece contains a whole record, which is delivered here. */
  #begin(piece: Buffer, offset: number): number {
    const available = piece.byteLength - offset - LENGTH_BYTES;
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
    this.#batch(piece.subarray(start, start + length));
    return start + length;
  }

  #expect(length: number): void {
    this.#checkSize(length);
    if (length === 0) this.#batch(new Uint8Array(0));
    else {
      const reserved = this.#decodeFirst === undefined ? length : Math.min(length, UNAUTHENTICATED_BYTES);
      this.#state = { is: "batch", length, bytes: Buffer.allocUnsafeSlow(reserved), filled: 0 };
    }
  }

  #batch(bytes: Uint8Array): void {
    this.#state = BETWEEN;
    const batch = (this.#decodeFirst ?? decodeBatch)(bytes);
    if (batch.attachmentLengths.length === 0) {
      this.#sink(batch.frames, NO_ATTACHMENTS);
      return;
    }
    this.#checkSize(batch.attachmentLengths.reduce((sum, length) => sum + length, bytes.byteLength));
    checkAttachments(batch.frames, batch.attachmentLengths);
    this.#nextAttachment(batch, []);
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

/** Returns a copy in a buffer of twice the size, at most `length`. */
function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = Buffer.allocUnsafeSlow(Math.min(2 * bytes.byteLength, length));
  larger.set(bytes);
  return larger;
}

/** Copies bytes of the piece to the rest of the target; returns how many were copied. */
function fill(target: Uint8Array, progress: { filled: number }, piece: Buffer, offset: number): number {
  const copied = piece.copy(target, progress.filled, offset);
  progress.filled += copied;
  return copied;
}
