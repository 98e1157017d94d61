import type { PathStep } from "@snakepit/core";
import type { ByteReader } from "../msgpack/byte-reader.ts";
import type { ByteWriter } from "../msgpack/byte-writer.ts";
import type { UnsendableReason } from "../unsendable-reason.ts";

/**
 * MessagePack extension types of Snakepit; `docs/values.md` has the layout of each. A number is never given another
 * meaning.
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

/** What an extension reads its content with: the bytes up to the end of the extension, and the values in it. */
export interface ExtensionReader extends ByteReader {
  readValue(): unknown;
  /** Reads a value that must be an array. */
  readArray(): unknown[];
  /** Returns the buffer that a value refers to. Each is used once, in order. */
  takeBuffer(): Uint8Array;
}

/** What an extension writes its content with. */
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
  refuse(reason: UnsendableReason): void;
  /** Rejects a part of the value that is being written. */
  refusePart(reason: UnsendableReason, step: PathStep | undefined): void;
}

/** Containers (arrays, maps, sets) that a sender nests at most: what the encoder in Python allows. */
export const MAX_SENT_DEPTH = 255;

/** Containers that a receiver follows at most. More than a sender nests, so that no accepted value is refused. */
export const MAX_RECEIVED_DEPTH = 1000;

/** Binary data of at least this many bytes is sent next to the body, and is copied neither into it nor out of it. */
export const OUT_OF_BAND_BYTES = 16 * 1024;
