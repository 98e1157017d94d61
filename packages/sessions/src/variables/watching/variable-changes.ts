import type { StateChange, StateStore, Unsubscribe } from "@snakepit/core";

/** Receives notifications about the variables of one session. */
export interface VariableListener {
  /** These variables were written or deleted. */
  changed(names: readonly string[]): void;
  /** The session has changed or ended. */
  sessionChanged(): void;
  /** Everything may have changed. */
  everythingChanged(): void;
  /** No more changes will be reported. */
  closed(): void;
}

type ChangesState =
  | { readonly is: "idle" }
  | { readonly is: "listening"; readonly unwatch: Unsubscribe }
  | { readonly is: "closed" };

/** Dispatches changes in a store to the listeners of each session. Subscribes to the store only while it has listeners. */
export class VariableChanges {
  readonly #store: StateStore;
  readonly #listeners = new Map<string, Set<VariableListener>>();
  #state: ChangesState = { is: "idle" };

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** The number of listeners. */
  get size(): number {
    return this.#listeners.values().reduce((size, listeners) => size + listeners.size, 0);
  }

  /** Reports every later change until the returned function is called. Returns `undefined` after {@link close}. */
  listen(sessionId: string, listener: VariableListener): Unsubscribe | undefined {
    if (this.#state.is === "closed") return undefined;
    if (this.#state.is === "idle") {
      this.#state = { is: "listening", unwatch: this.#store.onChange((change) => this.#distribute(change)) };
    }
    const listeners = this.#listeners.get(sessionId) ?? new Set();
    this.#listeners.set(sessionId, listeners.add(listener));
    return () => this.#remove(sessionId, listeners, listener);
  }

  /** Removes all listeners. Can be called twice. */
  close(): void {
    for (const listener of this.#all()) listener.closed();
    this.#listeners.clear();
    if (this.#state.is === "listening") this.#state.unwatch();
    this.#state = { is: "closed" };
  }

  #distribute(change: StateChange): void {
    switch (change.is) {
      case "entries":
        if (change.kind !== "variable") break;
        for (const listener of this.#listeners.get(change.scope) ?? []) listener.changed(change.names);
        break;
      case "session":
        for (const listener of this.#listeners.get(change.id) ?? []) listener.sessionChanged();
        break;
      case "everything":
        for (const listener of this.#all()) listener.everythingChanged();
        break;
      default:
        change satisfies never;
    }
  }

  #all(): readonly VariableListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }

  #remove(sessionId: string, listeners: Set<VariableListener>, listener: VariableListener): void {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    if (this.#listeners.get(sessionId) === listeners) this.#listeners.delete(sessionId);
    if (this.#listeners.size > 0 || this.#state.is !== "listening") return;
    this.#state.unwatch();
    this.#state = { is: "idle" };
  }
}
