import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Frame } from "@snakepit/bridge-proto";
import { flushAfterTurn } from "./flush-turn.ts";
import { payloadOf } from "./frame-payload.ts";
import { BATCH_TARGET_BYTES } from "./record-limits.ts";

/** Sends an encoded batch, the bytes before it still free, and its attachments. */
export type WriteBatch = (batch: Buffer, attachments: readonly Uint8Array[]) => void;

/** Beyond this a writer's memory is given back after the batch, so that one large value does not stay for ever. */
const KEEP_BYTES = 1024 * 1024;

/** What a frame has besides its payload, as a rule. */
const SMALL_FRAME_BYTES = 64;

const FRAMES = (1 << 3) | 2;
const ATTACHMENT_LENGTHS = (2 << 3) | 2;
const NO_BUFFERS: readonly Uint8Array[] = [];

/**
 * Collects frames, encoded as they come, and lets them go as one batch at the end of the turn, or earlier when the
 * batch is long. One writer serves all batches: making a writer costs more than encoding a small frame.
 */
export class OutgoingBatch {
  readonly #prefix: Uint8Array;
  readonly #write: WriteBatch;
  #writer = new BinaryWriter();
  #frames = 0;
  #attachments: Uint8Array[] = [];
  /** Length of the batch with its attachments, exact in what can be large. */
  #roughBytes = 0;

  /** @param prefixBytes bytes left free before the batch, for a transport that puts a length there. */
  constructor(prefixBytes: number, write: WriteBatch) {
    this.#prefix = new Uint8Array(prefixBytes);
    this.#write = write;
  }

  add(frame: Frame, buffers: readonly Uint8Array[] = NO_BUFFERS): void {
    if (this.#frames === 0) {
      this.#writer.raw(this.#prefix);
      flushAfterTurn(this);
    }
    this.#frames += 1;
    this.#roughBytes += SMALL_FRAME_BYTES + (payloadOf(frame)?.body.byteLength ?? 0);
    Frame.encode(frame, this.#writer.uint32(FRAMES).fork()).join();
    for (const buffer of buffers) {
      this.#attachments.push(buffer);
      this.#roughBytes += buffer.byteLength;
    }
    if (this.#roughBytes >= BATCH_TARGET_BYTES) this.flush();
  }

  /** Lets go what has been collected; nothing when that is nothing. */
  flush(): void {
    if (this.#frames === 0) return;
    const writer = this.#writer;
    const attachments = this.#attachments;
    if (attachments.length > 0) {
      this.#attachments = [];
      writer.uint32(ATTACHMENT_LENGTHS).fork();
      for (const attachment of attachments) writer.uint64(attachment.byteLength);
      writer.join();
    }
    const { buffer, byteLength } = writer.finish();
    if (byteLength > KEEP_BYTES) this.#writer = new BinaryWriter();
    this.#frames = 0;
    this.#roughBytes = 0;
    this.#write(Buffer.from(buffer, 0, byteLength), attachments);
  }
}
