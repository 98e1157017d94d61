import type { StateChange, Unsubscribe } from "@snakepit/core";
import type { ChangeFeed } from "./state-database.ts";

/** The listeners of a store. Changes of other hosts are received only while at least one listener is registered. */
export class ChangeListeners {
  readonly #listeners = new Set<(change: StateChange) => void>();
  readonly #feed: ChangeFeed;

  constructor(feed: ChangeFeed) {
    this.#feed = feed;
  }

  add(listener: (change: StateChange) => void): Unsubscribe {
    // A separate function, so that a listener that was added twice is called twice.
    const entry = (change: StateChange) => listener(change);
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#feed.listen((change) => this.#notify(change));
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#feed.stop();
    };
  }

  /** Notifies the listeners and the other stores of a change by this store. */
  notifyAll(change: StateChange): void {
    this.#notify(change);
    this.#feed.publish(change);
  }

  clear(): void {
    this.#listeners.clear();
    this.#feed.stop();
  }

  #notify(change: StateChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
