import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { MAX_ATTACHMENTS_PER_BATCH, MAX_FRAMES_PER_BATCH } from "./frame-transport.ts";
import { type BatchDecoder, checkAttachments, decodeBatch } from "./incoming-batch.ts";

const BATCH = (1 << 3) | 2;
const ATTACHMENTS = (2 << 3) | 2;

/** A message of `WorkerLink.Attach` in either direction: the frames of a batch and its attachments. */
export interface GrpcMessage {
  readonly frames: readonly Frame[];
  readonly attachments: readonly Uint8Array[];
}

/**
 * Encodes a message with an encoded batch. The generated encoder would copy large attachments four times.
 */
export function encodeGrpcMessage(batch: Uint8Array, attachments: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [prefix(BATCH, batch), batch];
  for (const attachment of attachments) parts.push(prefix(ATTACHMENTS, attachment), attachment);
  return Buffer.concat(parts);
}

function prefix(tag: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().uint32(tag).uint32(bytes.byteLength).finish();
}

/**
 * Decodes a message. Attachments are copied into separate, aligned memory after they were checked against the frames. A
 * sender may concatenate encoded messages, which merges them
 * (https://protobuf.dev/programming-guides/encoding/#last-one-wins); the generated decoder would keep only the last
 * batch.
 *
 * @throws SnakepitError `PROTOCOL_MISMATCH` if the bytes are not such a message, or frames and attachments do not
 *   match.
 */
export function decodeGrpcMessage(message: Uint8Array, decode: BatchDecoder = decodeBatch): GrpcMessage {
  const frames: Frame[] = [];
  const lengths: number[] = [];
  const ends: number[] = [];
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === BATCH) addAll(frames, decode(reader.bytes()).frames);
      else if (tag === ATTACHMENTS) {
        if (lengths.length === MAX_ATTACHMENTS_PER_BATCH) throw new RangeError("too many attachments");
        const length = reader.uint32();
        reader.pos += length;
        if (reader.pos > reader.len) throw new RangeError("premature end");
        lengths.push(length);
        ends.push(reader.pos);
      } else if (tag >>> 3 === 0) throw new RangeError("illegal tag");
      else reader.skip(tag & 7, tag >>> 3);
    }
  } catch (thrown) {
    if (thrown instanceof SnakepitError) throw thrown;
    throw new SnakepitError(
      "PROTOCOL_MISMATCH",
      `a message of ${message.byteLength} bytes is not a valid batch of frames`,
      {
        cause: thrown,
      },
    );
  }
  checkAttachments(frames, lengths);
  return {
    frames,
    attachments: ends.map((end, index) => alignedCopy(message.subarray(end - (lengths[index] ?? 0), end))),
  };
}

function addAll(frames: Frame[], more: readonly Frame[]): void {
  if (frames.length + more.length > MAX_FRAMES_PER_BATCH) throw new RangeError("too many frames");
  for (const frame of more) frames.push(frame);
}

function alignedCopy(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
