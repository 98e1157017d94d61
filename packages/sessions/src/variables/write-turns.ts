/** Runs the writes of one host to one variable one at a time, in the order of the calls. */
export class WriteTurns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Runs `work` when all earlier work for any of these keys has finished. `work` must not call `run` itself.
   */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const { promise: current, resolve: done } = Promise.withResolvers<void>();
    for (const key of keys) this.#last.set(key, current);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (this.#last.get(key) === current) this.#last.delete(key);
      done();
    }
  }

  /** The number of keys with pending work. */
  get size(): number {
    return this.#last.size;
  }
}
