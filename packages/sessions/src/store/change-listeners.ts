import type { StateChange, Unwatch } from "@snakepit/core";

/** Who hears of the changes in a store. */
export class ChangeListeners {
  readonly #listeners = new Set<(change: StateChange) => void>();

  add(listener: (change: StateChange) => void): Unwatch {
    // One of its own, so that a listener added twice hears twice.
    const entry = (change: StateChange) => listener(change);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  tell(change: StateChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
