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
import { copyEntry } from "./memory-entries.ts";
import { RecentScopes } from "./recent-scopes.ts";

/** Options of a {@link CachedStore}. */
export interface CachedStoreOptions {
  /**
   * Milliseconds for which a cached value may be used, from the start of its read. Default: 2,000. If a change by
   * another host is not reported, the old value is returned for at most this time.
   */
  readonly maxStaleMs?: number;
  /** The approximate maximum size in bytes; the least recently used scopes are evicted. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** The clock for the expiry of sessions. Default: the system clock. */
  readonly clock?: Clock;
  /** A monotonic clock in milliseconds, which measures ages. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
}

/** Returns a cache of the store if other hosts may write to it, otherwise the store itself. */
export function cachedStore(store: StateStore, options?: CachedStoreOptions): StateStore {
  return store.shared ? new CachedStore(store, options) : store;
}

/**
 * A read cache for a store that other hosts also write to.
 *
 * - `readSession` and `readEntries` use the cache if it contains every requested item. Missing items are not cached.
 *   All other methods use the store.
 * - An item is dropped when the store reports a change, and after `maxStaleMs`. The result of a read during which its
 *   scope changed is not cached.
 * - A writer reads its own write or a newer value. After a failed write, reads use the store: the write may have
 *   succeeded.
 * - The cache never decides that a session has expired, since other hosts may have used it.
 */
export class CachedStore implements StateStore {
  readonly kind: string;
  readonly shared = true;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #cache: RecentScopes;
  readonly #listeners = new ChangeListeners();
  readonly #unwatch: Unsubscribe;

  constructor(store: StateStore, options: CachedStoreOptions = {}) {
    const { maxStaleMs = 2_000, maxBytes = 64 * 1_048_576, clock = systemClock } = options;
    this.kind = store.kind;
    this.#store = store;
    this.#clock = clock;
    this.#cache = new RecentScopes(maxStaleMs, maxBytes, options.monotonicMs ?? (() => performance.now()));
    this.#unwatch = store.onChange((change) => {
      this.#invalidate(change);
      // After the drop, so that a listener that reads receives the current value.
      this.#listeners.notify(change);
    });
  }

  async createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    const { id } = draft;
    const creation = await this.#orDrop(id, this.#store.createSession(draft, now, maxSessions));
    if (creation.is === "found") this.#cache.used({ id, usedAt: now });
    else this.#cache.drop(id);
    return creation;
  }

  async readSession(id: string): Promise<SessionRecord | undefined> {
    const cached = this.#cache.session(id);
    if (cached !== undefined && this.#clock.now() < cached.expiresAt) return cached.record();
    const reading = this.#cache.begin(id);
    const session = await this.#store.readSession(id);
    if (session === undefined) this.#cache.drop(id);
    else this.#cache.cacheSession(reading, session);
    return session;
  }

  async touchSessions(uses: readonly SessionUse[]): Promise<void> {
    await this.#store.touchSessions(uses);
    for (const use of uses) this.#cache.used(use);
  }

  async writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    const outcome = await this.#orDrop(id, this.#store.writeSession(id, write, now));
    this.#cache.drop(id);
    return outcome;
  }

  async deleteSession(id: string, now: number): Promise<boolean> {
    const wasActive = await this.#orDrop(id, this.#store.deleteSession(id, now));
    this.#cache.drop(id);
    return wasActive;
  }

  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return this.#store.listSessions(page, now);
  }

  countSessions(now: number): Promise<SessionCounts> {
    return this.#store.countSessions(now);
  }

  async sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    const ids = await this.#store.sweepSessions(now, limit);
    for (const id of ids) this.#cache.drop(id);
    return ids;
  }

  async readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const isActive = this.#isKnownActive(scope, now);
    const cached = isActive ? this.#cache.entries(scope, kind, new Set(names)) : undefined;
    if (cached !== undefined) return cached.sort((a, b) => compareByCodePoint(a.name, b.name)).map(copyEntry);
    const reading = this.#cache.begin(scope);
    // The expiry of the session must be known, or the next read could not use the cached entries.
    const [entries, session] = await Promise.all([
      this.#store.readEntries(scope, kind, names, now),
      isActive ? undefined : this.#store.readSession(scope),
    ]);
    if (session !== undefined) this.#cache.cacheSession(reading, session);
    if (entries === undefined) this.#cache.drop(scope);
    else this.#cache.cacheEntries(reading, kind, entries);
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
    const outcomes = await this.#orDrop(scope, this.#store.writeEntries(batch, now));
    if (outcomes.some(({ is }) => is === "gone")) this.#cache.drop(scope);
    const names = writes.map(({ name }) => name);
    this.#cache.dropEntries(scope, kind, names);
    return outcomes;
  }

  async deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const deleted = await this.#orDrop(scope, this.#store.deleteEntries(scope, kind, names, now));
    if (deleted === undefined) this.#cache.drop(scope);
    this.#cache.dropEntries(scope, kind, names);
    return deleted;
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** Closes the store. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#listeners.clear();
    this.#cache.clear();
    await this.#store.close();
  }

  #isKnownActive(scope: string, now: number): boolean {
    if (scope === GLOBAL_SCOPE) return true;
    const session = this.#cache.session(scope);
    return session !== undefined && now < session.expiresAt;
  }

  /** Waits for a write. After a failure, drops the scope, because the write may have succeeded. */
  async #orDrop<Outcome>(scope: string, write: Promise<Outcome>): Promise<Outcome> {
    try {
      return await write;
    } catch (thrown) {
      this.#cache.drop(scope);
      throw thrown;
    }
  }

  #invalidate(change: StateChange): void {
    switch (change.is) {
      case "session":
        this.#cache.drop(change.id);
        break;
      case "entries":
        this.#cache.dropEntries(change.scope, change.kind, change.names);
        break;
      case "everything":
        this.#cache.clear();
        break;
      default:
        change satisfies never;
    }
  }
}
