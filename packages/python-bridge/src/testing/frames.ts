import { type Frame, PayloadFormat } from "@snakepit/bridge-proto";
import type { FrameReceiver } from "../transports/frame-transport.ts";
import { payloadOf } from "../transports/incoming-batch.ts";

/** A chunk whose body is `body` and whose buffers have these lengths. */
export function chunkFrame(id: number, body: Uint8Array, buffers: readonly Uint8Array[] = []): Frame {
  const bufferLengths = buffers.map((buffer) => buffer.byteLength);
  return { kind: { $case: "chunk", value: { id, value: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths } } } };
}

/** A frame without a payload. */
export function creditFrame(id: number): Frame {
  return { kind: { $case: "credit", value: { id, chunks: 1 } } };
}

/** Returns the ID of a frame created by these functions. */
export function idOf(frame: Frame): number | undefined {
  const kind = frame.kind;
  return kind?.$case === "chunk" || kind?.$case === "credit" ? kind.value.id : undefined;
}

/** Returns bytes that repeat after 251, so that a misplaced piece is detected. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i % 251;
  return bytes;
}

/** A received frame and its buffers. */
export interface CollectedFrame {
  readonly frame: Frame;
  readonly buffers: readonly Uint8Array[];
}

/** Collects received frames for tests that wait for them. */
export class FrameCollector implements FrameReceiver {
  readonly collected: CollectedFrame[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  frame(frame: Frame, buffers: readonly Uint8Array[]): void {
    const payload = payloadOf(frame);
    // Valid only during this call.
    if (payload !== undefined) payload.body = Buffer.from(payload.body);
    this.collected.push({ frame, buffers });
    for (const { count, resolve } of this.#waiting) if (count === this.collected.length) resolve();
  }

  /** Resolves with the frames collected so far when there are at least `count`. */
  async atLeast(count: number): Promise<readonly CollectedFrame[]> {
    if (this.collected.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.collected;
  }
}
