import type { StateChange, Unsubscribe } from "@snakepit/core";

/** The listeners of a store. */
export class ChangeListeners {
  readonly #listeners = new Set<(change: StateChange) => void>();

  add(listener: (change: StateChange) => void): Unsubscribe {
    // Wrapped so that a listener that was added twice is called twice.
    const entry = (change: StateChange) => listener(change);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  notify(change: StateChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
