import type { PathStep } from "@snakepit/core";
import type { ByteReader } from "../msgpack/byte-reader.ts";
import type { ByteWriter } from "../msgpack/byte-writer.ts";
import type { UnsendableReason } from "../unsendable-reason.ts";

/**
 * The MessagePack extension types of Snakepit; `docs/values.md` specifies their layouts. The meaning of a number never
 * changes.
 */
export const ExtensionTag = {
  OUT_OF_BAND_BYTES: 1,
  BIG_INTEGER: 2,
  SET: 3,
  MAP: 4,
  UUID: 5,
  DECIMAL: 6,
  COMPLEX: 7,
  AWARE_DATETIME: 8,
  NAIVE_DATETIME: 9,
  DATE: 10,
  TIME: 11,
  TIME_DELTA: 12,
  NDARRAY: 13,
  UNSENDABLE: 14,
} as const;

/** Reads the content of an extension: its bytes, and the values in it. */
export interface ExtensionReader extends ByteReader {
  readValue(): unknown;
  /** Reads a value that must be an array. */
  readArray(): unknown[];
  /** Returns the buffer that a value refers to. Each is used once, in order. */
  takeBuffer(): Uint8Array;
}

/** Writes the content of an extension. */
export interface ExtensionWriter extends ByteWriter {
  writeValue(value: unknown): void;
  writeKey(key: string): void;
  /** Adds a buffer that is sent next to the body, and returns its index. */
  addBuffer(data: Uint8Array): number;
  /** Opens a container; returns false when the container cannot be sent, which is then recorded. */
  enter(container: object): boolean;
  leave(): void;
  /** Records which part of the open container is written next. */
  step(step: PathStep | undefined): void;
  /** Rejects the value that is being written. */
  reject(reason: UnsendableReason): void;
  /** Rejects a part of the value that is being written. */
  rejectPart(reason: UnsendableReason, step: PathStep | undefined): void;
}

/** Maximum depth of containers (arrays, maps, sets) that a sender nests; the same as in Python. */
export const MAX_SENT_DEPTH = 255;

/** Maximum depth that a receiver accepts; greater than that of senders, so that every sent value is accepted. */
export const MAX_RECEIVED_DEPTH = 1000;

/** Minimum number of bytes of binary data that is sent next to the body, without a copy. */
export const OUT_OF_BAND_BYTES = 16 * 1024;
