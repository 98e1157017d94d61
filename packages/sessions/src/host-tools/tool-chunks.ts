/** The chunks of a streaming tool, from an iterator of any kind. */
export class ToolChunks {
  readonly #iterator: AsyncIterator<unknown> | Iterator<unknown>;
  #isOpen = true;

  constructor(iterator: AsyncIterator<unknown> | Iterator<unknown>) {
    this.#iterator = iterator;
  }

  /** The chunks of what a tool has returned; `undefined` when it cannot be iterated over. */
  static of(returned: unknown): ToolChunks | undefined {
    // A string is iterable, and yields its characters.
    if (typeof returned !== "object" || returned === null) return undefined;
    if (Symbol.asyncIterator in returned)
      return new ToolChunks((returned as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    if (Symbol.iterator in returned) return new ToolChunks((returned as Iterable<unknown>)[Symbol.iterator]());
    return undefined;
  }

  /** @throws what the tool throws, always as a rejection. */
  async next(): Promise<IteratorResult<unknown, unknown>> {
    try {
      const result = await this.#iterator.next();
      if (result.done === true) this.#isOpen = false;
      return result;
    } catch (thrown) {
      this.#isOpen = false;
      throw thrown;
    }
  }

  /** Lets the tool clean up, unless it has ended. An error has no one to report it to. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    new Promise((resolve) => resolve(this.#iterator.return?.())).catch(() => {});
  }
}
