/** Who writes to what, in the order in which they asked: writes of one host to one variable never meet. */
export class WriteTurns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Does something when all who asked for any of these keys before are done. It must not ask for a turn itself.
   */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    for (const key of keys) this.#last.set(key, mine);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key);
      done();
    }
  }

  /** How many keys somebody has a turn for. */
  get size(): number {
    return this.#last.size;
  }
}
