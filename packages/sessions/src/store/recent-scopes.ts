import type { EntryKind, EntryRecord, SessionRecord, SessionUse } from "@snakepit/core";
import { InMemorySession } from "./in-memory-session.ts";
import { copyEntry } from "./memory-entries.ts";

/** An item that was read. */
interface Cached<Item> {
  readonly item: Item;
  /** When the read began. */
  readonly readAt: number;
  readonly bytes: number;
}

/** The cached items of one session or of the global scope. */
class CachedScope {
  session: Cached<InMemorySession> | undefined;
  readonly entries: Readonly<Record<EntryKind, Map<string, Cached<EntryRecord>>>> = {
    variable: new Map(),
    program: new Map(),
  };
  /** Increases with each reported change and use. */
  changes = 0;
  bytes = SCOPE_BYTES;
}

/** A read in progress and the state of its scope when it began. */
export interface Reading {
  readonly scope: string;
  readonly beganAt: number;
  readonly into: CachedScope;
  readonly changes: number;
}

// Approximate bytes of an object without its values and strings.
const SCOPE_BYTES = 400;
const ITEM_BYTES = 300;

/**
 * A cache of recently used scopes. Items expire after a limited time, and the total size is bounded.
 *
 * Not a general LRU library: whole scopes are evicted, their sizes change while they are cached, and the result of a
 * read must not be cached if its scope was changed or evicted since the read began.
 */
export class RecentScopes {
  readonly #maxAgeMs: number;
  readonly #maxBytes: number;
  readonly #monotonicMs: () => number;
  /** The least recently used scope comes first. */
  readonly #scopes = new Map<string, CachedScope>();
  #bytes = 0;

  constructor(maxAgeMs: number, maxBytes: number, monotonicMs: () => number) {
    this.#maxAgeMs = maxAgeMs;
    this.#maxBytes = maxBytes;
    this.#monotonicMs = monotonicMs;
  }

  /** The approximate size in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  session(id: string): InMemorySession | undefined {
    const cached = this.#use(id)?.session;
    return cached !== undefined && this.#isFresh(cached) ? cached.item : undefined;
  }

  /** Returns entries by name, not copied; `undefined` unless all of them are cached. */
  entries(scope: string, kind: EntryKind, names: Iterable<string>): EntryRecord[] | undefined {
    const cached = this.#use(scope)?.entries[kind];
    if (cached === undefined) return undefined;
    const entries: EntryRecord[] = [];
    for (const name of names) {
      const entry = cached.get(name);
      if (entry === undefined || !this.#isFresh(entry)) return undefined;
      entries.push(entry.item);
    }
    return entries;
  }

  /** Begins a read. Its result is cached if nothing changes until it ends. */
  begin(scope: string): Reading {
    const into = this.#use(scope) ?? this.#add(scope);
    return { scope, beganAt: this.#monotonicMs(), into, changes: into.changes };
  }

  cacheSession(reading: Reading, session: SessionRecord): void {
    if (!this.#isUnchanged(reading)) return;
    const { into, beganAt: readAt } = reading;
    this.#addBytes(into, -(into.session?.bytes ?? 0));
    const item = new InMemorySession(session);
    into.session = { item, readAt, bytes: item.bytes + ITEM_BYTES };
    this.#addBytes(into, into.session.bytes);
    this.#evict();
  }

  cacheEntries(reading: Reading, kind: EntryKind, entries: readonly EntryRecord[]): void {
    if (!this.#isUnchanged(reading)) return;
    const { into, beganAt: readAt } = reading;
    for (const entry of entries) {
      const known = into.entries[kind].get(entry.name);
      // A later read has already returned a newer entry to a caller.
      if (known !== undefined && known.item.revision > entry.revision) continue;
      this.#dropEntry(into, kind, entry.name);
      const bytes = bytesOf(entry);
      into.entries[kind].set(entry.name, { item: copyEntry(entry), readAt, bytes });
      this.#addBytes(into, bytes);
    }
    this.#evict();
  }

  /** Applies a persisted use of a session. */
  used({ id, usedAt, lastWorker }: SessionUse): void {
    const cached = this.#scopes.get(id);
    if (cached === undefined) return;
    cached.changes += 1;
    cached.session?.item.use(usedAt, lastWorker);
  }

  /** Drops a session that has changed, with its entries. */
  drop(scope: string): void {
    const cached = this.#scopes.get(scope);
    if (cached === undefined) return;
    this.#scopes.delete(scope);
    this.#bytes -= cached.bytes;
  }

  dropEntries(scope: string, kind: EntryKind, names: readonly string[]): void {
    const cached = this.#scopes.get(scope);
    if (cached === undefined) return;
    cached.changes += 1;
    for (const name of names) this.#dropEntry(cached, kind, name);
  }

  clear(): void {
    this.#scopes.clear();
    this.#bytes = 0;
  }

  #isFresh({ readAt }: Cached<unknown>): boolean {
    return this.#monotonicMs() - readAt < this.#maxAgeMs;
  }

  #isUnchanged({ scope, into, changes }: Reading): boolean {
    return this.#scopes.get(scope) === into && into.changes === changes;
  }

  #use(scope: string): CachedScope | undefined {
    const cached = this.#scopes.get(scope);
    if (cached === undefined) return undefined;
    this.#scopes.delete(scope);
    this.#scopes.set(scope, cached);
    return cached;
  }

  #add(scope: string): CachedScope {
    const cached = new CachedScope();
    this.#scopes.set(scope, cached);
    this.#bytes += cached.bytes;
    this.#evict();
    return cached;
  }

  #dropEntry(cached: CachedScope, kind: EntryKind, name: string): void {
    this.#addBytes(cached, -(cached.entries[kind].get(name)?.bytes ?? 0));
    cached.entries[kind].delete(name);
  }

  #addBytes(cached: CachedScope, bytes: number): void {
    cached.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Evicts the least recently used scopes. */
  #evict(): void {
    for (const scope of this.#scopes.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.drop(scope);
    }
  }
}

function bytesOf({ name, value, attributes, previous }: EntryRecord): number {
  const strings = 2 * (name.length + attributes.length);
  return ITEM_BYTES + strings + value.byteLength + (previous?.value.byteLength ?? 0);
}
