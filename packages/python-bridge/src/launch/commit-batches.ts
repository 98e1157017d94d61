interface Batch<Item> {
  readonly items: Item[];
  readonly committed: PromiseWithResolvers<void>;
}

/**
 * Groups items into commits: all items that are added in one turn of the event loop, or during the previous commit, are
 * passed to one call of `commit`.
 */
export class CommitBatches<Item> {
  readonly #commit: (items: readonly Item[]) => Promise<void>;
  #pending: Batch<Item> | undefined;
  #running: Promise<void> | undefined;

  constructor(commit: (items: readonly Item[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the item is committed; rejects as `commit` does. */
  add(item: Item): Promise<void> {
    if (this.#pending !== undefined) {
      this.#pending.items.push(item);
      return this.#pending.committed.promise;
    }
    const committed = Promise.withResolvers<void>();
    this.#pending = { items: [item], committed };
    if (this.#running === undefined) queueMicrotask(() => this.#next());
    return committed.promise;
  }

  /** Resolves when no commit is pending or running; never rejects. */
  async settled(): Promise<void> {
    while (this.#pending !== undefined || this.#running !== undefined) {
      await (this.#pending?.committed.promise ?? this.#running)?.catch(() => {});
    }
  }

  #next(): void {
    const batch = this.#pending;
    this.#pending = undefined;
    if (batch === undefined) {
      this.#running = undefined;
      return;
    }
    this.#running = this.#run(batch);
    void this.#running.then(() => this.#next());
  }

  async #run({ items, committed }: Batch<Item>): Promise<void> {
    try {
      committed.resolve(await this.#commit(items));
    } catch (error) {
      committed.reject(error);
    }
  }
}
