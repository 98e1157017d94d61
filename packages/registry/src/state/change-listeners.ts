import type { StateChange, Unwatch } from "@snakepit/core";
import type { ChangeFeed } from "./state-database.ts";

/** Who hears of the changes in a store. Others' changes are asked for only while somebody listens. */
export class ChangeListeners {
  readonly #listeners = new Set<(change: StateChange) => void>();
  readonly #feed: ChangeFeed;

  constructor(feed: ChangeFeed) {
    this.#feed = feed;
  }

  add(listener: (change: StateChange) => void): Unwatch {
    // One of its own, so that a listener added twice hears twice.
    const entry = (change: StateChange) => listener(change);
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#feed.listen((change) => this.#hear(change));
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#feed.stop();
    };
  }

  /** Tells of a change that was made through this store. */
  tell(change: StateChange): void {
    this.#hear(change);
    this.#feed.publish(change);
  }

  clear(): void {
    this.#listeners.clear();
    this.#feed.stop();
  }

  #hear(change: StateChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
