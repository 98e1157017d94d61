type SenderState<Value> =
  /** The iterator does not exist yet, or its next value was requested. */
  | { readonly is: "producing"; readonly iterator: AsyncIterator<Value> | undefined }
  /** Waits for credit before it requests the next value. */
  | { readonly is: "waiting"; readonly iterator: AsyncIterator<Value>; readonly wake: () => void }
  /** Every value was sent, the iterator failed, or the receiver left. */
  | { readonly is: "done" };

/**
 * The sending end of a stream with back-pressure: reads values from an iterator and sends each of them as soon as the
 * receiver has granted credit. The receiving end is a {@link CreditedStream}, in this process or another one.
 */
export class CreditedSender<Value> {
  #credit: number;
  #state: SenderState<Value> = { is: "producing", iterator: undefined };

  /** @param credit the number of values that may be sent before the first {@link grant}. */
  constructor(credit: number) {
    this.#credit = credit;
  }

  /** Allows this many further values. */
  grant(values: number): void {
    this.#credit += values;
    if (this.#state.is === "waiting") this.#state.wake();
  }

  /** Stops sending and closes the iterator, because the receiver has left. May be called again. */
  stop(): void {
    const state = this.#state;
    if (state.is === "done") return;
    this.#state = { is: "done" };
    if (state.is === "waiting") state.wake();
    if (state.iterator !== undefined) void close(state.iterator);
  }

  /**
   * Sends the values one by one, and requests the next one only with credit for it. The iterator is always closed at
   * the end. Called once.
   *
   * @returns whether all values were sent; `false` if the sender was stopped.
   * @throws the error of the iterator or of `send`, unless the sender was stopped before.
   */
  async run(values: AsyncIterable<Value>, send: (value: Value) => void): Promise<boolean> {
    if (this.#state.is === "done") return false;
    const iterator = values[Symbol.asyncIterator]();
    this.#state = { is: "producing", iterator };
    try {
      while (await this.#hasCredit(iterator)) {
        const step = await iterator.next();
        if (this.#hasEnded()) return false;
        if (step.done === true) {
          this.#state = { is: "done" };
          return true;
        }
        this.#credit -= 1;
        send(step.value);
      }
      return false;
    } catch (thrown) {
      if (this.#hasEnded()) return false;
      this.#state = { is: "done" };
      void close(iterator);
      throw thrown;
    }
  }

  /** Waits for credit. Resolves with `false` if the sender was stopped. */
  async #hasCredit(iterator: AsyncIterator<Value>): Promise<boolean> {
    while (this.#credit <= 0 && !this.#hasEnded()) {
      await new Promise<void>((wake) => {
        this.#state = { is: "waiting", iterator, wake };
      });
      if (!this.#hasEnded()) this.#state = { is: "producing", iterator };
    }
    return !this.#hasEnded();
  }

  /** A method, because the compiler does not consider that the state changes during an `await`. */
  #hasEnded(): boolean {
    return this.#state.is === "done";
  }
}

async function close(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The stream has ended for its receiver, which cannot be notified of this error.
  }
}
