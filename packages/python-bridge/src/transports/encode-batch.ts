import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Frame } from "@snakepit/bridge-proto";
import { SlabWriter } from "./slab-writer.ts";

const FRAMES = (1 << 3) | 2;
const ATTACHMENT_LENGTHS = (2 << 3) | 2;

/** Shared by the whole process: encoding is synchronous, so that batches never overlap. */
const writer = new SlabWriter();

/**
 * Encodes frames as a `Batch`.
 *
 * @param attachments the buffers that follow the batch; the batch contains their lengths.
 * @param prefixBytes bytes to reserve before the batch, for a transport that writes a length there.
 * @throws Error if a value is out of range for its field.
 */
export function encodeBatch(frames: readonly Frame[], attachments: readonly Uint8Array[], prefixBytes: number): Buffer {
  // The generated encoders have the library's writer as their parameter type; SlabWriter has the methods that they call.
  const generated = writer as unknown as BinaryWriter;
  writer.begin(prefixBytes);
  for (const frame of frames) {
    writer.uint32(FRAMES).fork();
    Frame.encode(frame, generated);
    writer.join();
  }
  if (attachments.length > 0) {
    writer.uint32(ATTACHMENT_LENGTHS).fork();
    for (const attachment of attachments) writer.uint64(attachment.byteLength);
    writer.join();
  }
  return writer.finish();
}
