import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { MAX_ATTACHMENTS_PER_BATCH, MAX_FRAMES_PER_BATCH } from "./frame-transport.ts";

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

/**
 * Decodes a `Batch` with a limit on the number of frames. The generated decoder has no limit: a short record of empty frames
 * would become gigabytes of objects.
 *
 * @throws SnakepitError `PROTOCOL_MISMATCH` if the bytes are not a batch or contain too many frames.
 */
export function decodeBatch(bytes: Uint8Array): DecodedBatch {
  const reader = new BinaryReader(bytes);
  const frames: Frame[] = [];
  let lengths: number[] | undefined;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === FRAMES) {
        if (frames.length === MAX_FRAMES_PER_BATCH) throw tooMany("frames", MAX_FRAMES_PER_BATCH);
        frames.push(Frame.decode(reader, reader.uint32()));
      } else if (tag === ATTACHMENT_LENGTHS) {
        lengths ??= [];
        const length = reader.uint32();
        for (const end = reader.pos + length; reader.pos < end; ) addLength(lengths, reader);
      } else if (tag === ATTACHMENT_LENGTH) {
        lengths ??= [];
        addLength(lengths, reader);
      } else {
        if (tag >>> 3 === 0) throw new RangeError("illegal tag");
        // A field of a later version.
        reader.skip(tag & 7, tag >>> 3);
      }
    }
    if (reader.pos > reader.len) throw new RangeError("premature end");
  } catch (thrown) {
    if (thrown instanceof SnakepitError) throw thrown;
    throw new SnakepitError(
      "PROTOCOL_MISMATCH",
      `a record of ${bytes.byteLength} bytes is not a valid batch of frames`,
      {
        cause: thrown,
      },
    );
  }
  return { frames, attachmentLengths: lengths ?? NO_LENGTHS };
}

function addLength(lengths: number[], reader: BinaryReader): void {
  if (lengths.length === MAX_ATTACHMENTS_PER_BATCH) throw tooMany("attachments", MAX_ATTACHMENTS_PER_BATCH);
  lengths.push(Number(reader.uint64()));
}

function tooMany(what: string, limit: number): SnakepitError {
  return new SnakepitError("PROTOCOL_MISMATCH", `a batch must have at most ${limit} ${what}; got more`);
}
