import {
  type Clock,
  type EntryBatch,
  type EntryKind,
  type EntryOutcome,
  type EntryRecord,
  GLOBAL_SCOPE,
  type Page,
  type SessionCounts,
  type SessionCreation,
  type SessionDraft,
  type SessionOutcome,
  type SessionRecord,
  type SessionUse,
  type SessionWrite,
  type StateChange,
  type StateStore,
  systemClock,
  type Unsubscribe,
} from "@snakepit/core";
import { ChangeListeners } from "./change-listeners.ts";
import { compareByCodePoint } from "./first-page.ts";
import { copyEntry } from "./kept-entries.ts";
import { RecentScopes } from "./recent-scopes.ts";

/** What a {@link CachedStore} goes by. */
export interface CachedStoreOptions {
  /**
   * Milliseconds for which a read value may be used, counted from the beginning of the read; 2,000 by default. When a
   * change of another host was not reported, the old value is read for at most this time.
   */
  readonly maxStaleMs?: number;
  /** How many bytes are kept, about; 64 MiB by default. What was not used for the longest time goes first. */
  readonly maxBytes?: number;
  /** The clock that sessions expire by; the machine's by default. */
  readonly clock?: Clock;
  /** Milliseconds on a clock that is never set back, by which ages are measured; `performance.now` by default. */
  readonly monotonicMs?: () => number;
}

/** Returns a store whose reads are cached when other hosts may write to it, and the store itself otherwise. */
export function cachedStore(store: StateStore, options?: CachedStoreOptions): StateStore {
  return store.shared ? new CachedStore(store, options) : store;
}

/**
 * A store that others write to, with what was read from it kept for a short time.
 *
 * - `readSession` and `readEntries` are answered from what is kept, where all that was asked for is; that something is not
 *   there is not kept. Everything else is asked of the store.
 * - What is kept is dropped as soon as the store tells that it has changed, and when it has been kept for `maxStaleMs`. A
 *   read that was under way when its scope changed is not kept.
 * - Who has written reads what was written, or something newer. After a write that failed, the store is asked: it may have
 *   been made.
 * - That a session is over is never concluded from what is kept, since others may have used it.
 */
export class CachedStore implements StateStore {
  readonly kind: string;
  readonly shared = true;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #kept: RecentScopes;
  readonly #listeners = new ChangeListeners();
  readonly #unwatch: Unsubscribe;

  constructor(store: StateStore, options: CachedStoreOptions = {}) {
    const { maxStaleMs = 2_000, maxBytes = 64 * 1_048_576, clock = systemClock } = options;
    this.kind = store.kind;
    this.#store = store;
    this.#clock = clock;
    this.#kept = new RecentScopes(maxStaleMs, maxBytes, options.monotonicMs ?? (() => performance.now()));
    this.#unwatch = store.onChange((change) => {
      this.#forget(change);
      // Only now, so that a listener that reads gets the current value.
      this.#listeners.notify(change);
    });
  }

  async createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    const { id } = draft;
    const creation = await this.#orForget(id, this.#store.createSession(draft, now, maxSessions));
    if (creation.is === "found") this.#kept.used({ id, usedAt: now });
    else this.#kept.drop(id);
    return creation;
  }

  async readSession(id: string): Promise<SessionRecord | undefined> {
    const kept = this.#kept.session(id);
    if (kept !== undefined && this.#clock.now() < kept.expiresAt) return kept.record();
    const reading = this.#kept.begin(id);
    const session = await this.#store.readSession(id);
    if (session === undefined) this.#kept.drop(id);
    else this.#kept.keepSession(reading, session);
    return session;
  }

  async touchSessions(uses: readonly SessionUse[]): Promise<void> {
    await this.#store.touchSessions(uses);
    for (const use of uses) this.#kept.used(use);
  }

  async writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    const outcome = await this.#orForget(id, this.#store.writeSession(id, write, now));
    this.#kept.drop(id);
    return outcome;
  }

  async deleteSession(id: string, now: number): Promise<boolean> {
    const wasAlive = await this.#orForget(id, this.#store.deleteSession(id, now));
    this.#kept.drop(id);
    return wasAlive;
  }

  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return this.#store.listSessions(page, now);
  }

  countSessions(now: number): Promise<SessionCounts> {
    return this.#store.countSessions(now);
  }

  async sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    const ids = await this.#store.sweepSessions(now, limit);
    for (const id of ids) this.#kept.drop(id);
    return ids;
  }

  async readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const isAlive = this.#isKnownToLive(scope, now);
    const kept = isAlive ? this.#kept.entries(scope, kind, new Set(names)) : undefined;
    if (kept !== undefined) return kept.sort((a, b) => compareByCodePoint(a.name, b.name)).map(copyEntry);
    const reading = this.#kept.begin(scope);
    // Until when the session lives has to be known, or what is kept now could not be used the next time.
    const [entries, session] = await Promise.all([
      this.#store.readEntries(scope, kind, names, now),
      isAlive ? undefined : this.#store.readSession(scope),
    ]);
    if (session !== undefined) this.#kept.keepSession(reading, session);
    if (entries === undefined) this.#kept.drop(scope);
    else this.#kept.keepEntries(reading, kind, entries);
    return entries;
  }

  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#store.listEntries(scope, kind, pattern, page, now);
  }

  async writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    const { scope, kind, writes } = batch;
    const outcomes = await this.#orForget(scope, this.#store.writeEntries(batch, now));
    if (outcomes.some(({ is }) => is === "gone")) this.#kept.drop(scope);
    const names = writes.map(({ name }) => name);
    this.#kept.dropEntries(scope, kind, names);
    return outcomes;
  }

  async deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const deleted = await this.#orForget(scope, this.#store.deleteEntries(scope, kind, names, now));
    if (deleted === undefined) this.#kept.drop(scope);
    this.#kept.dropEntries(scope, kind, names);
    return deleted;
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** Closes the store. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#listeners.clear();
    this.#kept.clear();
    await this.#store.close();
  }

  #isKnownToLive(scope: string, now: number): boolean {
    if (scope === GLOBAL_SCOPE) return true;
    const session = this.#kept.session(scope);
    return session !== undefined && now < session.expiresAt;
  }

  /** Waits for a write. One that failed may have been made nevertheless. */
  async #orForget<Outcome>(scope: string, write: Promise<Outcome>): Promise<Outcome> {
    try {
      return await write;
    } catch (thrown) {
      this.#kept.drop(scope);
      throw thrown;
    }
  }

  #forget(change: StateChange): void {
    switch (change.is) {
      case "session":
        this.#kept.drop(change.id);
        break;
      case "entries":
        this.#kept.dropEntries(change.scope, change.kind, change.names);
        break;
      case "everything":
        this.#kept.clear();
        break;
      default:
        change satisfies never;
    }
  }
}
