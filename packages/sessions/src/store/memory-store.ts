import {
  ENTRY_KINDS,
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
  SnakepitError,
  type StateChange,
  type StateStore,
  type Unsubscribe,
} from "@snakepit/core";
import { ChangeListeners } from "./change-listeners.ts";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";
import { firstPage } from "./first-page.ts";
import { InMemorySession } from "./in-memory-session.ts";
import { MemoryEntries } from "./memory-entries.ts";

class MemorySession extends InMemorySession implements Expiring {
  queuePosition = -1;
  queuedFor = 0;
  entries: MemoryEntries | undefined;
}

/**
 * Stores sessions, variables and programs in the memory of this process; they are lost when it exits. The default and
 * the fastest store.
 *
 * Listing visits every session or entry of the scope; all other methods take constant or logarithmic time. Changes are
 * reported before the method that made them resolves.
 */
export class MemoryStore implements StateStore {
  readonly kind = "memory";
  readonly shared = false;
  readonly #sessions = new Map<string, MemorySession>();
  readonly #expiry = new ExpiryQueue<MemorySession>();
  readonly #global = new MemoryEntries();
  readonly #listeners = new ChangeListeners();
  /** The number of entries in all scopes, including expired sessions. */
  readonly #counts: Record<EntryKind, number> = { variable: 0, program: 0 };
  #revision = 0;
  #isClosed = false;

  async createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    this.#throwIfClosed();
    const { id, metadata, ttlMs } = draft;
    const known = this.#sessions.get(id);
    if (known !== undefined && now < known.expiresAt) {
      this.#use(known, now, undefined);
      return { is: "found", session: known.record() };
    }
    const sessions = this.#sessions.size - this.#expiry.expiredAt(now).size;
    if (sessions >= maxSessions) return { is: "over-quota", sessions };
    const session = new MemorySession({
      ...{ id, metadata, ttlMs, version: 1, lastWorker: undefined },
      ...{ createdAt: now, usedAt: now, expiresAt: now + ttlMs },
    });
    if (known !== undefined) this.#remove(known);
    this.#sessions.set(id, session);
    this.#expiry.add(session);
    this.#listeners.notify({ is: "session", id });
    return { is: "created", session: session.record() };
  }

  async readSession(id: string): Promise<SessionRecord | undefined> {
    this.#throwIfClosed();
    return this.#sessions.get(id)?.record();
  }

  async touchSessions(uses: readonly SessionUse[]): Promise<void> {
    this.#throwIfClosed();
    for (const { id, usedAt, lastWorker } of uses) {
      const session = this.#sessions.get(id);
      if (session !== undefined) this.#use(session, usedAt, lastWorker);
    }
  }

  async writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    this.#throwIfClosed();
    const session = this.#active(id, now);
    if (session === undefined) return { is: "gone" };
    if (session.version !== write.version) return { is: "conflict", session: session.record() };
    session.change(write);
    this.#expiry.changed(session);
    this.#listeners.notify({ is: "session", id });
    return { is: "written", session: session.record() };
  }

  async deleteSession(id: string, now: number): Promise<boolean> {
    this.#throwIfClosed();
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    this.#remove(session);
    this.#listeners.notify({ is: "session", id });
    return now < session.expiresAt;
  }

  async listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    this.#throwIfClosed();
    const active = this.#sessions.values().filter(({ expiresAt }) => now < expiresAt);
    return firstPage(active, ({ id }) => id, page).map((session) => session.record());
  }

  async countSessions(now: number): Promise<SessionCounts> {
    this.#throwIfClosed();
    const expired = this.#expiry.expiredAt(now);
    const entries = { ...this.#counts };
    for (const session of expired) {
      for (const kind of ENTRY_KINDS) entries[kind] -= session.entries?.count(kind) ?? 0;
    }
    return { active: this.#sessions.size - expired.size, expired: expired.size, entries };
  }

  async sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    this.#throwIfClosed();
    const swept = [...this.#expiry.expiredAt(now).values().take(limit)];
    for (const session of swept) this.#remove(session);
    const ids = swept.map(({ id }) => id);
    for (const id of ids) this.#listeners.notify({ is: "session", id });
    return ids;
  }

  async readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    this.#throwIfClosed();
    return this.#entriesOf(scope, now)?.read(kind, names);
  }

  async listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    this.#throwIfClosed();
    return this.#entriesOf(scope, now)?.list(kind, pattern, page);
  }

  async writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    this.#throwIfClosed();
    const { scope, kind, writes } = batch;
    const entries = this.#entriesOf(scope, now);
    if (entries === undefined) return writes.map(() => ({ is: "gone" }));
    const before = entries.count(kind);
    const outcomes = entries.write(batch, { now, nextRevision: this.#nextRevision });
    this.#counts[kind] += entries.count(kind) - before;
    const names = outcomes.flatMap((outcome) => (outcome.is === "written" ? outcome.entry.name : []));
    if (names.length > 0) this.#listeners.notify({ is: "entries", scope, kind, names });
    return outcomes;
  }

  async deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    this.#throwIfClosed();
    const deleted = this.#entriesOf(scope, now)?.delete(kind, names);
    if (deleted === undefined || deleted.length === 0) return deleted;
    this.#counts[kind] -= deleted.length;
    this.#listeners.notify({ is: "entries", scope, kind, names: deleted.map(({ name }) => name) });
    return deleted;
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** Deletes everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#sessions.clear();
    this.#expiry.clear();
    this.#global.clear();
  }

  readonly #nextRevision = (): number => {
    this.#revision += 1;
    return this.#revision;
  };

  #active(id: string, now: number): MemorySession | undefined {
    const session = this.#sessions.get(id);
    return session !== undefined && now < session.expiresAt ? session : undefined;
  }

  #entriesOf(scope: string, now: number): MemoryEntries | undefined {
    if (scope === GLOBAL_SCOPE) return this.#global;
    const session = this.#active(scope, now);
    if (session === undefined) return undefined;
    session.entries ??= new MemoryEntries();
    return session.entries;
  }

  #use(session: MemorySession, usedAt: number, lastWorker: string | undefined): void {
    session.use(usedAt, lastWorker);
    this.#expiry.changed(session);
  }

  #remove(session: MemorySession): void {
    this.#sessions.delete(session.id);
    this.#expiry.delete(session);
    for (const kind of ENTRY_KINDS) this.#counts[kind] -= session.entries?.count(kind) ?? 0;
  }

  #throwIfClosed(): void {
    if (this.#isClosed)
      throw new SnakepitError("SHUTTING_DOWN", "the memory store is closed because its host has closed");
  }
}
