/** The chunks of a streaming tool, from a sync or async iterator. */
export class ToolChunks {
  readonly #iterator: AsyncIterator<unknown> | Iterator<unknown>;
  #isOpen = true;

  constructor(iterator: AsyncIterator<unknown> | Iterator<unknown>) {
    this.#iterator = iterator;
  }

  /** Returns the chunks of a tool's returned value; `undefined` if it is not iterable. */
  static of(returned: unknown): ToolChunks | undefined {
    // A string would be iterated as its characters.
    if (typeof returned !== "object" || returned === null) return undefined;
    if (Symbol.asyncIterator in returned)
      return new ToolChunks((returned as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    if (Symbol.iterator in returned) return new ToolChunks((returned as Iterable<unknown>)[Symbol.iterator]());
    return undefined;
  }

  /** Rejects with the error that the tool throws, never throws synchronously. */
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

  /** Closes the iterator, unless it has ended. Errors are ignored because no caller is waiting. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    new Promise((resolve) => resolve(this.#iterator.return?.())).catch(() => {});
  }
}
