import assert from "node:assert/strict";
import type { Unsubscribe } from "../../async/abort-fan-out.ts";
import type { EntryKind, StateChange, StateStore } from "../../ports/state-store.ts";

/** Maximum milliseconds until a change is received. */
const RECEIVE_TIMEOUT_MS = 60_000;

/** The changes that a store has reported. */
export class ReceivedChanges {
  readonly all: StateChange[] = [];
  readonly stop: Unsubscribe;
  readonly #waiting = new Set<() => void>();

  constructor(store: StateStore) {
    this.stop = store.onChange((change) => {
      this.all.push(change);
      for (const each of this.#waiting) each();
    });
  }

  /** Waits until the received changes satisfy a condition. */
  async until(isSatisfied: (received: ReceivedChanges) => boolean, what: string): Promise<void> {
    if (isSatisfied(this)) return;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const check = () => {
      if (isSatisfied(this)) resolve(true);
    };
    this.#waiting.add(check);
    const timer = setTimeout(resolve, RECEIVE_TIMEOUT_MS, false);
    const isReceived = await promise;
    clearTimeout(timer);
    this.#waiting.delete(check);
    assert(isReceived, `no change was reported for ${what}`);
  }

  /** Waits until a change of a session is reported. */
  session(id: string): Promise<void> {
    return this.until((received) => received.hasSession(id), `session "${id}"`);
  }

  /** Waits until changes of all these entries are reported. */
  entries(scope: string, kind: EntryKind, names: readonly string[]): Promise<void> {
    return this.until(
      (received) => names.every((name) => received.names(scope, kind).includes(name)),
      `${kind}s ${names.join(", ")} of "${scope}"`,
    );
  }

  hasSession(id: string): boolean {
    return this.all.some((change) => change.is === "session" && change.id === id);
  }

  hasEverything(): boolean {
    return this.all.some((change) => change.is === "everything");
  }

  /** Names of entries whose changes were reported. */
  names(scope: string, kind: EntryKind): readonly string[] {
    return this.all.flatMap((change) =>
      change.is === "entries" && change.scope === scope && change.kind === kind ? change.names : [],
    );
  }
}
