import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { type DecodedBatch, decodeBatch } from "./batch-decoder.ts";

/** Gets each record when it is complete. */
export type RecordSink = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** The part of a record that has arrived. */
type ReaderState =
  | { readonly is: "between" }
  | { readonly is: "length"; readonly bytes: Uint8Array; filled: number }
  | { readonly is: "batch"; readonly bytes: Uint8Array; filled: number }
  | { readonly is: "attachments"; readonly batch: DecodedBatch; readonly buffers: Uint8Array[]; filled: number };

const BETWEEN: ReaderState = { is: "between" };
const LENGTH_BYTES = 4;
const NO_ATTACHMENTS: readonly Uint8Array[] = [];

/**
 * Cuts a stream of bytes into records (`uint32` big-endian length of the batch, the batch, its attachments). A record
 * that lies within one piece of the stream is read in place; what is longer is collected in memory of its exact size,
 * each attachment in a buffer of its own. Lengths are checked before memory is taken.
 */
export class RecordReader {
  readonly #sink: RecordSink;
  #state: ReaderState = BETWEEN;

  /** The most bytes of a record, attachments included. */
  maxRecordBytes: number;

  constructor(maxRecordBytes: number, sink: RecordSink) {
    this.maxRecordBytes = maxRecordBytes;
    this.#sink = sink;
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
          if (state.filled === state.bytes.byteLength) this.#batch(state.bytes);
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
    else this.#state = { is: "batch", bytes: Buffer.allocUnsafeSlow(length), filled: 0 };
  }

  #batch(bytes: Uint8Array): void {
    this.#state = BETWEEN;
    const batch = decodeBatch(bytes);
    if (batch.attachmentLengths.length === 0) {
      this.#sink(batch.frames, NO_ATTACHMENTS);
      return;
    }
    this.#checkSize(batch.attachmentLengths.reduce((sum, length) => sum + length, bytes.byteLength));
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
      buffers.push(Buffer.allocUnsafeSlow(length));
      if (length > 0) {
        this.#state = { is: "attachments", batch, buffers, filled: 0 };
        return;
      }
    }
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.maxRecordBytes) return;
    throw new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `a record of ${bytes} bytes was announced and ${this.maxRecordBytes} are allowed`,
      { details: { bytes, limit: this.maxRecordBytes } },
    );
  }
}

/** Copies what the piece has of the wanted bytes; returns how many those were. */
function fill(target: Uint8Array, progress: { filled: number }, piece: Buffer, offset: number): number {
  const copied = piece.copy(target, progress.filled, offset);
  progress.filled += copied;
  return copied;
}
