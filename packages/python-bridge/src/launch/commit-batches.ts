interface Batch<Item> {
  readonly items: Item[];
  readonly committed: PromiseWithResolvers<void>;
}

/**
 * Gathers what is to be committed together: everything that is added in one turn of the event loop, or while the
 * commit before is under way, travels in one call of `commit`.
 */
export class CommitBatches<Item> {
  readonly #commit: (items: readonly Item[]) => Promise<void>;
  #gathered: Batch<Item> | undefined;
  #running: Promise<void> | undefined;

  constructor(commit: (items: readonly Item[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the item is committed; rejects as `commit` does. */
  add(item: Item): Promise<void> {
    if (this.#gathered !== undefined) {
      this.#gathered.items.push(item);
      return this.#gathered.committed.promise;
    }
    const committed = Promise.withResolvers<void>();
    this.#gathered = { items: [item], committed };
    if (this.#running === undefined) queueMicrotask(() => this.#next());
    return committed.promise;
  }

  /** Resolves when nothing is waiting to be committed; never rejects. */
  async settled(): Promise<void> {
    while (this.#gathered !== undefined || this.#running !== undefined) {
      await (this.#gathered?.committed.promise ?? this.#running)?.catch(() => {});
    }
  }

  #next(): void {
    const batch = this.#gathered;
    this.#gathered = undefined;
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
