import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { type BatchDecoder, type DecodedBatch, decodeBatch } from "./batch-decoder.ts";
import { checkAttachments } from "./incoming-batch.ts";

/** Gets each record when it is complete. */
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

/** Bytes that are reserved for the batch of a peer that has not shown who it is, until more have arrived. */
const UNPROVEN_BYTES = 64 * 1024;

/**
 * Cuts a stream of bytes into records (`uint32` big-endian length of the batch, the batch, its attachments). A record
 * that lies within one piece of the stream is read in place; what is longer is collected in memory of its exact size,
 * each attachment in a buffer of its own. Lengths and counts are checked before memory is taken.
 */
export class RecordReader {
  readonly #sink: RecordSink;
  #state: ReaderState = BETWEEN;
  #maxRecordBytes: number;
  /** Decodes the batches of a peer that has not shown who it is. */
  #decodeFirst: BatchDecoder | undefined;

  /**
   * @param maxRecordBytes the most bytes of a record, attachments included.
   * @param decodeFirst decodes batches until {@link trust} is called.
   */
  constructor(maxRecordBytes: number, sink: RecordSink, decodeFirst?: BatchDecoder) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#sink = sink;
    this.#decodeFirst = decodeFirst;
  }

  /** The peer has shown who it is, and may send records of this length. */
  trust(maxRecordBytes: number): void {
    this.#maxRecordBytes = maxRecordBytes;
    this.#decodeFirst = undefined;
  }

  /** Whether the stream stands within a record. */
  get midRecord(): boolean {
    return this.#state.is !== "between";
  }

  /**
   * Takes the next piece of the stream.
   *
   * @throws SnakepitError `PROTOCOL_MISMATCH` or `PAYLOAD_TOO_LARGE`; the stream cannot be read on after that.
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

  /** Begins a record; the common case, a whole one, never leaves this function. */
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
      const reserved = this.#decodeFirst === undefined ? length : Math.min(length, UNPROVEN_BYTES);
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

  /** Goes on to the next attachment that has bytes to wait for, or delivers the record. */
  #nextAttachment(batch: DecodedBatch, buffers: Uint8Array[]): void {
    for (;;) {
      const length = batch.attachmentLengths[buffers.length];
      if (length === undefined) {
        this.#state = BETWEEN;
        this.#sink(batch.frames, buffers);
        return;
      }
      // Not from Node's shared pool: an attachment starts at the beginning of its memory, so that it is aligned.
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
      `a record of ${bytes} bytes was announced and ${this.#maxRecordBytes} are allowed`,
      { details: { bytes, limit: this.#maxRecordBytes } },
    );
  }
}

/** A buffer of twice the size, up to `length`, with the same beginning. */
function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = Buffer.allocUnsafeSlow(Math.min(2 * bytes.byteLength, length));
  larger.set(bytes);
  return larger;
}

/** Copies the missing bytes as far as the piece has them; returns how many those were. */
function fill(target: Uint8Array, progress: { filled: number }, piece: Buffer, offset: number): number {
  const copied = piece.copy(target, progress.filled, offset);
  progress.filled += copied;
  return copied;
}
