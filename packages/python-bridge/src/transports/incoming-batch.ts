import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import { payloadOf } from "./frame-payload.ts";
import type { FrameReceiver } from "./frame-transport.ts";

const NO_BUFFERS: readonly Uint8Array[] = [];
const NO_LENGTHS: readonly number[] = [];

/**
 * Delivers the frames of a batch to `receiver()`, asked again for each, every one with its own attachments; stops when
 * it returns none.
 *
 * @throws SnakepitError `PROTOCOL_MISMATCH` when frames and attachments do not match.
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
      if (!lengths.every((length, index) => buffers[index]?.byteLength === length)) throw misfit();
    }
    const current = receiver();
    if (current === undefined) return;
    current.frame(frame, buffers);
  }
  if (next !== attachments.length) throw misfit();
}

/**
 * Checks, before memory is taken for attachments, that frames claim exactly as many, of these lengths.
 *
 * @throws SnakepitError `PROTOCOL_MISMATCH`
 */
export function checkAttachments(frames: readonly Frame[], lengths: readonly number[]): void {
  let next = 0;
  for (const frame of frames) {
    for (const length of bufferLengths(frame)) {
      if (lengths[next++] !== length) throw misfit();
    }
  }
  if (next !== lengths.length) throw misfit();
}

/** The lengths of the buffers that a frame's payloads claim, in order. */
function bufferLengths(frame: Frame): readonly number[] {
  if (frame.kind?.$case === "telemetry") {
    const { spans, events } = frame.kind.value;
    return [...spans, ...events].flatMap((record) => record.attributes?.bufferLengths ?? NO_LENGTHS);
  }
  return payloadOf(frame)?.bufferLengths ?? NO_LENGTHS;
}

function misfit(): SnakepitError {
  return new SnakepitError("PROTOCOL_MISMATCH", "the attachments of a batch do not fit the payloads of its frames");
}
