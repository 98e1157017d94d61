import type { EntryKind, EntryRecord, SessionRecord, SessionUse } from "@snakepit/core";
import { copyEntry } from "./kept-entries.ts";
import { KeptSession } from "./kept-session.ts";

/** Something that was read. */
interface Kept<Item> {
  readonly item: Item;
  /** When the read began. */
  readonly readAt: number;
  readonly bytes: number;
}

/** What was read of one session, or of the global scope. */
class KeptScope {
  session: Kept<KeptSession> | undefined;
  readonly entries: Readonly<Record<EntryKind, Map<string, Kept<EntryRecord>>>> = {
    variable: new Map(),
    program: new Map(),
  };
  /** Grows with each reported change and use. */
  changes = 0;
  bytes = SCOPE_BYTES;
}

/** A read that is under way, and what was known when it began. */
export interface Reading {
  readonly scope: string;
  readonly beganAt: number;
  readonly into: KeptScope;
  readonly changes: number;
}

// Approximate bytes of an object without its values and strings.
const SCOPE_BYTES = 400;
const ITEM_BYTES = 300;

/**
 * What was read of the scopes that were used last, each item for a limited time, all together up to a number of bytes.
 *
 * A map of its own and not a library for least recently used items: whole scopes come and go, with sizes that change while
 * they are kept, and a read must not be kept when its scope was changed, or left out, since it began.
 */
export class RecentScopes {
  readonly #maxAgeMs: number;
  readonly #maxBytes: number;
  readonly #monotonicMs: () => number;
  /** The least recently used first. */
  readonly #scopes = new Map<string, KeptScope>();
  #bytes = 0;

  constructor(maxAgeMs: number, maxBytes: number, monotonicMs: () => number) {
    this.#maxAgeMs = maxAgeMs;
    this.#maxBytes = maxBytes;
    this.#monotonicMs = monotonicMs;
  }

  /** Bytes that are kept, about. */
  get bytes(): number {
    return this.#bytes;
  }

  session(id: string): KeptSession | undefined {
    const kept = this.#use(id)?.session;
    return kept !== undefined && this.#isFresh(kept) ? kept.item : undefined;
  }

  /** Entries by name; `undefined` unless all of them are there. Not copies. */
  entries(scope: string, kind: EntryKind, names: Iterable<string>): EntryRecord[] | undefined {
    const kept = this.#use(scope)?.entries[kind];
    if (kept === undefined) return undefined;
    const entries: EntryRecord[] = [];
    for (const name of names) {
      const entry = kept.get(name);
      if (entry === undefined || !this.#isFresh(entry)) return undefined;
      entries.push(entry.item);
    }
    return entries;
  }

  /** Begins a read. Its result is kept when nothing changes until it ends. */
  begin(scope: string): Reading {
    const into = this.#use(scope) ?? this.#add(scope);
    return { scope, beganAt: this.#monotonicMs(), into, changes: into.changes };
  }

  keepSession(reading: Reading, session: SessionRecord): void {
    if (!this.#isUnchanged(reading)) return;
    const { into, beganAt: readAt } = reading;
    this.#weigh(into, -(into.session?.bytes ?? 0));
    const item = new KeptSession(session);
    into.session = { item, readAt, bytes: item.bytes + ITEM_BYTES };
    this.#weigh(into, into.session.bytes);
    this.#shrink();
  }

  keepEntries(reading: Reading, kind: EntryKind, entries: readonly EntryRecord[]): void {
    if (!this.#isUnchanged(reading)) return;
    const { into, beganAt: readAt } = reading;
    for (const entry of entries) {
      const known = into.entries[kind].get(entry.name);
      // The answer was overtaken by that of a later read, which a caller has seen.
      if (known !== undefined && known.item.revision > entry.revision) continue;
      this.#dropEntry(into, kind, entry.name);
      const bytes = bytesOf(entry);
      into.entries[kind].set(entry.name, { item: copyEntry(entry), readAt, bytes });
      this.#weigh(into, bytes);
    }
    this.#shrink();
  }

  /** A session was used, which is recorded. */
  used({ id, usedAt, lastWorker }: SessionUse): void {
    const kept = this.#scopes.get(id);
    if (kept === undefined) return;
    kept.changes += 1;
    kept.session?.item.use(usedAt, lastWorker);
  }

  /** A session has changed, and perhaps all that belongs to it. */
  drop(scope: string): void {
    const kept = this.#scopes.get(scope);
    if (kept === undefined) return;
    this.#scopes.delete(scope);
    this.#bytes -= kept.bytes;
  }

  dropEntries(scope: string, kind: EntryKind, names: readonly string[]): void {
    const kept = this.#scopes.get(scope);
    if (kept === undefined) return;
    kept.changes += 1;
    for (const name of names) this.#dropEntry(kept, kind, name);
  }

  clear(): void {
    this.#scopes.clear();
    this.#bytes = 0;
  }

  #isFresh({ readAt }: Kept<unknown>): boolean {
    return this.#monotonicMs() - readAt < this.#maxAgeMs;
  }

  #isUnchanged({ scope, into, changes }: Reading): boolean {
    return this.#scopes.get(scope) === into && into.changes === changes;
  }

  #use(scope: string): KeptScope | undefined {
    const kept = this.#scopes.get(scope);
    if (kept === undefined) return undefined;
    this.#scopes.delete(scope);
    this.#scopes.set(scope, kept);
    return kept;
  }

  #add(scope: string): KeptScope {
    const kept = new KeptScope();
    this.#scopes.set(scope, kept);
    this.#bytes += kept.bytes;
    this.#shrink();
    return kept;
  }

  #dropEntry(kept: KeptScope, kind: EntryKind, name: string): void {
    this.#weigh(kept, -(kept.entries[kind].get(name)?.bytes ?? 0));
    kept.entries[kind].delete(name);
  }

  #weigh(kept: KeptScope, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Leaves out the scopes that were not used for the longest time. */
  #shrink(): void {
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
