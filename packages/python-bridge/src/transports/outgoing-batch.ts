import type { Frame } from "@snakepit/bridge-proto";
import { BATCH_TARGET_BYTES } from "./frame-transport.ts";
import { payloadOf } from "./incoming-batch.ts";

/** Sends frames as one batch. */
export type WriteBatch = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** The typical size of a frame without its payload. */
const SMALL_FRAME_BYTES = 64;

const NO_BUFFERS: readonly Uint8Array[] = [];

/** Collects frames and sends them as one batch at the end of the turn, or earlier if the batch is large. */
export class OutgoingBatch {
  readonly #write: WriteBatch;
  #frames: Frame[] = [];
  #attachments: Uint8Array[] = [];
  /** The approximate size of the batch with its attachments; payloads and attachments are counted exactly. */
  #roughBytes = 0;

  constructor(write: WriteBatch) {
    this.#write = write;
  }

  add(frame: Frame, buffers: readonly Uint8Array[] = NO_BUFFERS): void {
    if (this.#frames.push(frame) === 1) flushAfterTurn(this);
    this.#roughBytes += SMALL_FRAME_BYTES + (payloadOf(frame)?.body.byteLength ?? 0);
    for (const buffer of buffers) {
      this.#attachments.push(buffer);
      this.#roughBytes += buffer.byteLength;
    }
    if (this.#roughBytes >= BATCH_TARGET_BYTES || changesLimits(frame)) this.flush();
  }

  /** Sends the collected frames, if there are any. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    const attachments = this.#attachments;
    this.#frames = [];
    if (attachments.length > 0) this.#attachments = [];
    this.#roughBytes = 0;
    this.#write(frames, attachments);
  }
}

/** Accept announces the size limit of further records, so later frames must not be in the same batch. */
function changesLimits(frame: Frame): boolean {
  return frame.kind?.$case === "accept";
}

interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/**
 * Flushes after all promise callbacks of this turn, so that the frames that they add are included. This is before the event
 * loop polls for the next event.
 */
function flushAfterTurn(flushable: Flushable): void {
  // A nextTick callback that is queued from a microtask runs after all microtasks; one that is queued from the event
  // callback itself would run before the first microtask.
  if (waiting.push(flushable) === 1) queueMicrotask(flushWhenSettled);
}

function flushWhenSettled(): void {
  process.nextTick(flushAll);
}

function flushAll(): void {
  const flushables = waiting;
  waiting = [];
  for (const flushable of flushables) flushable.flush();
}
