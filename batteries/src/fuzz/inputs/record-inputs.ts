import { ByteSink } from "./byte-sink.ts";
import type { MessageInputs } from "./message-inputs.ts";
import { mutated } from "./mutate.ts";
import type { Random } from "./random.ts";
import { WireSink, WireType } from "./wire.ts";

/** The transports between hosts and workers. */
export type Transport = "socket" | "grpc";

/** A batch of frames with its attachments. */
export interface BatchDraft {
  readonly frames: readonly Buffer[];
  readonly attachments: readonly Buffer[];
}

const FRAMES = 1;
const ATTACHMENT_LENGTHS = 2;
const BATCH = 1;
const ATTACHMENTS = 2;

/** Returns frames of the given kinds, each with the attachments that its payloads name, or others. */
export function batchInput(messages: MessageInputs, kinds: readonly string[], random: Random): BatchDraft {
  const attachments: Buffer[] = [];
  const frames = Array.from({ length: random.oneIn(30) ? 0 : 1 + random.below(3) }, () => {
    const frame = random.oneIn(12)
      ? messages.message("Frame", random)
      : messages.only("Frame", random.pick(kinds), random);
    attachments.push(...frame.buffers);
    return frame.bytes;
  });
  if (random.oneIn(40)) attachments.pop();
  if (random.oneIn(40)) attachments.push(random.bytes(random.below(20)));
  return { frames, attachments };
}

/** Encodes a batch as its transport does. */
export function encodedBatch(batch: BatchDraft, transport: Transport): Buffer {
  return transport === "socket" ? socketRecord(batch) : grpcMessage(batch);
}

/**
 * Returns a record that is not valid: changed bytes, a wrong length, lengths of attachments that do not follow, or
 * random bytes.
 */
export function corruptRecord(batch: BatchDraft, transport: Transport, random: Random): Buffer {
  const record = encodedBatch(batch, transport);
  switch (random.below(6)) {
    case 0:
      return random.bytes(1 + random.below(64));
    case 1:
      return transport === "socket" ? withWrongLength(record, random) : mutated(record, random);
    case 2:
      return record.subarray(0, random.below(record.byteLength + 1));
    case 3:
      return manyAttachments(batch, transport, random);
    default:
      return mutated(record, random);
  }
}

function socketRecord({ frames, attachments }: BatchDraft): Buffer {
  const sink = new WireSink();
  for (const frame of frames) sink.field(FRAMES, frame);
  for (const { byteLength } of attachments) sink.tag(ATTACHMENT_LENGTHS, WireType.VARINT).varint(byteLength);
  return Buffer.concat([withLength(sink.toBuffer()), ...attachments]);
}

function grpcMessage({ frames, attachments }: BatchDraft): Buffer {
  const batch = new WireSink();
  for (const frame of frames) batch.field(FRAMES, frame);
  const message = new WireSink().field(BATCH, batch.toBuffer());
  for (const attachment of attachments) message.field(ATTACHMENTS, attachment);
  return message.toBuffer();
}

function withLength(batch: Buffer): Buffer {
  return Buffer.concat([new ByteSink().uint32(batch.byteLength).toBuffer(), batch]);
}

function withWrongLength(record: Buffer, random: Random): Buffer {
  const changed = Buffer.from(record);
  const length = changed.readUInt32BE();
  const wrong = [0, length + 1, Math.max(0, length - 1), 1_000_000, 4 * 1024 * 1024 + 1, 0x7fff_ffff, 0xffff_ffff];
  changed.writeUInt32BE(random.pick(wrong));
  return changed;
}

/** Returns a batch with lengths of attachments that are huge, or that no payload has. */
function manyAttachments({ frames, attachments }: BatchDraft, transport: Transport, random: Random): Buffer {
  const sizes = [0n, 1n, 5n, 0xffff_ffffn, 2n ** 40n, 2n ** 53n, 2n ** 64n - 1n];
  if (transport === "grpc")
    return grpcMessage({ frames, attachments: [...attachments, random.bytes(3), random.bytes(0)] });
  const sink = new WireSink();
  for (const frame of frames) sink.field(FRAMES, frame);
  for (let count = random.below(4); count >= 0; count--) {
    sink.tag(ATTACHMENT_LENGTHS, WireType.VARINT).varint(random.pick(sizes));
  }
  return Buffer.concat([withLength(sink.toBuffer()), ...attachments]);
}
