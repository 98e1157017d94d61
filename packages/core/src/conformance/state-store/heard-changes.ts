import assert from "node:assert/strict";
import type { Unwatch } from "../../async/abort-fan-out.ts";
import type { EntryKind, StateChange, StateStore } from "../../ports/state-store.ts";

/** How long a change may take to be heard, in milliseconds, before a case fails. */
const PATIENCE_MS = 15_000;

/** The changes that a store has told. */
export class HeardChanges {
  readonly all: StateChange[] = [];
  readonly stop: Unwatch;
  readonly #waiting = new Set<() => void>();

  constructor(store: StateStore) {
    this.stop = store.onChange((change) => {
      this.all.push(change);
      for (const each of this.#waiting) each();
    });
  }

  /** Waits until what has been heard satisfies. */
  async until(isSatisfied: (heard: HeardChanges) => boolean, what: string): Promise<void> {
    if (isSatisfied(this)) return;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const check = () => {
      if (isSatisfied(this)) resolve(true);
    };
    this.#waiting.add(check);
    const timer = setTimeout(resolve, PATIENCE_MS, false);
    const isHeard = await promise;
    clearTimeout(timer);
    this.#waiting.delete(check);
    assert(isHeard, `no change was told of ${what}`);
  }

  /** Waits until a session is told of. */
  session(id: string): Promise<void> {
    return this.until((heard) => heard.tellsSession(id), `session "${id}"`);
  }

  /** Waits until all these entries are told of. */
  entries(scope: string, kind: EntryKind, names: readonly string[]): Promise<void> {
    return this.until(
      (heard) => names.every((name) => heard.names(scope, kind).includes(name)),
      `${kind}s ${names.join(", ")} of "${scope}"`,
    );
  }

  tellsSession(id: string): boolean {
    return this.all.some((change) => change.is === "session" && change.id === id);
  }

  tellsEverything(): boolean {
    return this.all.some((change) => change.is === "everything");
  }

  /** Names of entries that were told of. */
  names(scope: string, kind: EntryKind): readonly string[] {
    return this.all.flatMap((change) =>
      change.is === "entries" && change.scope === scope && change.kind === kind ? change.names : [],
    );
  }
}
