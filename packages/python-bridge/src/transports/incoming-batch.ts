import type { Frame, Payload } from "@snakepit/bridge-proto";
import { SnakepitError } from "@snakepit/core";
import type { FrameReceiver } from "./frame-transport.ts";

const NO_BUFFERS: readonly Uint8Array[] = [];
const NO_LENGTHS: readonly number[] = [];

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
 * Checks that the payloads of the frames have attachments of exactly these lengths, before memory is allocated for them.
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
