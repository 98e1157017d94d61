import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Frame, type Payload } from "@snakepit/bridge-proto";
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

/**
 * Decodes a `Batch` with a limit on the number of frames. The generated decoder has no limit: a short record of empty
 * frames would become gigabytes of objects.
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
