import type { Frame } from "@snakepit/bridge-proto";
import type { FrameReceiver } from "../transports/frame-transport.ts";

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
