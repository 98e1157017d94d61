import type { StateChange, StateStore, Unwatch } from "@snakepit/core";

/** Who hears of the variables of one session. */
export interface VariableListener {
  /** These were written or deleted. */
  changed(names: readonly string[]): void;
  /** The session has changed, or is over. */
  sessionChanged(): void;
  /** Everything may be different. */
  everythingChanged(): void;
  /** There is nothing to hear any more. */
  closed(): void;
}

/** Tells the changes in a store to those whom they concern. Listens to the store only while somebody listens to it. */
export class VariableChanges {
  readonly #store: StateStore;
  readonly #listeners = new Map<string, Set<VariableListener>>();
  #unwatch: Unwatch | undefined;
  #isClosed = false;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners.values().reduce((size, listeners) => size + listeners.size, 0);
  }

  /** Every change from now on is told, until the result is called. `undefined` when there is nothing to hear any more. */
  listen(sessionId: string, listener: VariableListener): Unwatch | undefined {
    if (this.#isClosed) return undefined;
    this.#unwatch ??= this.#store.onChange((change) => this.#tell(change));
    const listeners = this.#listeners.get(sessionId) ?? new Set();
    this.#listeners.set(sessionId, listeners.add(listener));
    return () => this.#forget(sessionId, listeners, listener);
  }

  /** Tells all who listen that there is nothing to hear any more. May be called again. */
  close(): void {
    this.#isClosed = true;
    for (const listener of this.#everybody()) listener.closed();
    this.#listeners.clear();
    this.#stopListening();
  }

  #tell(change: StateChange): void {
    switch (change.is) {
      case "entries":
        if (change.kind !== "variable") break;
        for (const listener of this.#listeners.get(change.scope) ?? []) listener.changed(change.names);
        break;
      case "session":
        for (const listener of this.#listeners.get(change.id) ?? []) listener.sessionChanged();
        break;
      case "everything":
        for (const listener of this.#everybody()) listener.everythingChanged();
        break;
      default:
        change satisfies never;
    }
  }

  #everybody(): readonly VariableListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }

  #forget(sessionId: string, listeners: Set<VariableListener>, listener: VariableListener): void {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    if (this.#listeners.get(sessionId) === listeners) this.#listeners.delete(sessionId);
    if (this.#listeners.size === 0) this.#stopListening();
  }

  #stopListening(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
