import type { EncodedValue } from "@snakepit/core";

/** Gives a stream of replies out as fast as the worker has room for it. */
export class ReplyStream {
  #credit: number;
  /** Wakes what waits for credit, or for being stopped. */
  #wake: (() => void) | undefined;
  #iterator: AsyncIterator<EncodedValue> | undefined;
  #stopped = false;

  /** @param credit chunks that may be sent before {@link grant} allows more. */
  constructor(credit: number) {
    this.#credit = credit;
  }

  /** Lets so many chunks more be sent. */
  grant(chunks: number): void {
    this.#credit += chunks;
    this.#wake?.();
  }

  /** Nobody wants the rest: no more is sent, and the iterator is closed. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wake?.();
    void this.#close();
  }

  /**
   * Sends value after value, and asks for the next one only when there is credit for it. The iterator is closed however
   * this ends.
   *
   * @returns whether all of them were sent; not when it was stopped.
   * @throws whatever the iterator or `send` throws, unless it was stopped before.
   */
  async run(values: AsyncIterable<EncodedValue>, send: (value: EncodedValue) => void): Promise<boolean> {
    const iterator = values[Symbol.asyncIterator]();
    this.#iterator = iterator;
    try {
      while (await this.#hasCredit()) {
        const step = await iterator.next();
        if (this.#stopped) return false;
        if (step.done === true) {
          this.#iterator = undefined;
          return true;
        }
        this.#credit -= 1;
        send(step.value);
      }
      return false;
    } catch (thrown) {
      if (this.#stopped) return false;
      void this.#close();
      throw thrown;
    }
  }

  /** Waits for credit; `false` when there will be none. */
  async #hasCredit(): Promise<boolean> {
    while (this.#credit <= 0 && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return !this.#stopped;
  }

  async #close(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      await iterator?.return?.();
    } catch {
      // The stream has ended already for those who could be told.
    }
  }
}
