type SenderState<Value> =
  /** Nothing has been asked of the values yet, or the next one has. */
  | { readonly is: "producing"; readonly iterator: AsyncIterator<Value> | undefined }
  /** A value may be asked for as soon as there is credit. */
  | { readonly is: "waiting"; readonly iterator: AsyncIterator<Value>; readonly wake: () => void }
  /** Every value was sent, the iterator failed, or the receiver left. */
  | { readonly is: "over" };

/**
 * The sending end of a stream with back-pressure: takes values from an iterator and sends each of them, as fast as the
 * receiver grants credit. The receiving end is a {@link CreditedStream}, in this process or another one.
 */
export class CreditedSender<Value> {
  #credit: number;
  #state: SenderState<Value> = { is: "producing", iterator: undefined };

  /** @param credit values that may be sent before {@link grant} allows more. */
  constructor(credit: number) {
    this.#credit = credit;
  }

  /** Allows this many values more. */
  grant(values: number): void {
    this.#credit += values;
    if (this.#state.is === "waiting") this.#state.wake();
  }

  /** The receiver left: nothing more is sent, and the iterator is closed. May be called again. */
  stop(): void {
    const state = this.#state;
    if (state.is === "over") return;
    this.#state = { is: "over" };
    if (state.is === "waiting") state.wake();
    if (state.iterator !== undefined) void close(state.iterator);
  }

  /**
   * Sends value after value, and asks for the next one only when there is credit for it. The iterator is closed however
   * this ends. Called once.
   *
   * @returns whether all of them were sent; `false` when the sender was stopped.
   * @throws what the iterator or `send` throws, unless the sender was stopped before.
   */
  async run(values: AsyncIterable<Value>, send: (value: Value) => void): Promise<boolean> {
    if (this.#state.is === "over") return false;
    const iterator = values[Symbol.asyncIterator]();
    this.#state = { is: "producing", iterator };
    try {
      while (await this.#hasCredit(iterator)) {
        const step = await iterator.next();
        if (this.#hasEnded()) return false;
        if (step.done === true) {
          this.#state = { is: "over" };
          return true;
        }
        this.#credit -= 1;
        send(step.value);
      }
      return false;
    } catch (thrown) {
      if (this.#hasEnded()) return false;
      this.#state = { is: "over" };
      void close(iterator);
      throw thrown;
    }
  }

  /** Waits for credit; `false` when the sender was stopped. */
  async #hasCredit(iterator: AsyncIterator<Value>): Promise<boolean> {
    while (this.#credit <= 0 && !this.#hasEnded()) {
      await new Promise<void>((wake) => {
        this.#state = { is: "waiting", iterator, wake };
      });
      if (!this.#hasEnded()) this.#state = { is: "producing", iterator };
    }
    return !this.#hasEnded();
  }

  /** A function, since the compiler does not see that the state changes during an `await`. */
  #hasEnded(): boolean {
    return this.#state.is === "over";
  }
}

async function close(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The stream has ended for its receiver, who could not be notified any more.
  }
}
