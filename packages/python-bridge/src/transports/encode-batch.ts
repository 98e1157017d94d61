import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Frame } from "@snakepit/bridge-proto";
import { SlabWriter } from "./slab-writer.ts";

const FRAMES = (1 << 3) | 2;
const ATTACHMENT_LENGTHS = (2 << 3) | 2;

/** One for the whole process: a batch is written without a pause, so none gets in the way of another. */
const writer = new SlabWriter();

/**
 * Encodes frames as a `Batch`.
 *
 * @param attachments what follows the batch; their lengths stand in it.
 * @param prefixBytes bytes left free before the batch, for a transport that puts a length there.
 * @throws Error when a frame holds something that its field cannot.
 */
export function encodeBatch(frames: readonly Frame[], attachments: readonly Uint8Array[], prefixBytes: number): Buffer {
  // The generated encoders ask for the library's writer and call the methods that both have.
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
