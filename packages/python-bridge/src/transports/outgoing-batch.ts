import type { Frame } from "@snakepit/bridge-proto";
import { payloadOf } from "./frame-payload.ts";
import { BATCH_TARGET_BYTES } from "./record-limits.ts";

/** Sends frames as one batch. */
export type WriteBatch = (frames: readonly Frame[], attachments: readonly Uint8Array[]) => void;

/** What a frame has besides its payload, as a rule. */
const SMALL_FRAME_BYTES = 64;

const NO_BUFFERS: readonly Uint8Array[] = [];

/** Collects frames and lets them go as one batch at the end of the turn, or earlier when the batch is long. */
export class OutgoingBatch {
  readonly #write: WriteBatch;
  #frames: Frame[] = [];
  #attachments: Uint8Array[] = [];
  /** Length of the batch with its attachments, exact in what can be large. */
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

  /** Lets go what has been collected; nothing when that is nothing. */
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

/** Accept announces the size limit of what follows, so what follows cannot be in the same batch. */
function changesLimits(frame: Frame): boolean {
  return frame.kind?.$case === "accept";
}

/** Something that collects work during a turn of the event loop. */
interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/**
 * Flushes once, when the promise callbacks of this turn have all run: what they still add goes out with it. That is
 * before the event loop looks for the next event, so nothing waits for a timer or for I/O.
 */
function flushAfterTurn(flushable: Flushable): void {
  // A tick that is set up from a microtask runs when the queue of microtasks is empty; one that is set up from the
  // event's own callback would run before the first of them.
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
