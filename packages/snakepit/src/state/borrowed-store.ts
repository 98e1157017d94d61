import {
  type EntryBatch,
  type EntryKind,
  type EntryOutcome,
  type EntryRecord,
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
  type Unwatch,
} from "@snakepit/core";

/** A store of the user's own: closing it ends it for the host, and leaves it open for whoever has lent it. */
export class BorrowedStore implements StateStore {
  readonly #lent: StateStore;
  readonly #unwatches = new Set<Unwatch>();
  #isClosed = false;

  constructor(lent: StateStore) {
    this.#lent = lent;
  }

  get kind(): string {
    return this.#lent.kind;
  }

  get shared(): boolean {
    return this.#lent.shared;
  }

  async createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    return await this.#store.createSession(draft, now, maxSessions);
  }

  async readSession(id: string): Promise<SessionRecord | undefined> {
    return await this.#store.readSession(id);
  }

  async touchSessions(uses: readonly SessionUse[]): Promise<void> {
    await this.#store.touchSessions(uses);
  }

  async writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    return await this.#store.writeSession(id, write, now);
  }

  async deleteSession(id: string, now: number): Promise<boolean> {
    return await this.#store.deleteSession(id, now);
  }

  async listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return await this.#store.listSessions(page, now);
  }

  async countSessions(now: number): Promise<SessionCounts> {
    return await this.#store.countSessions(now);
  }

  async sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    return await this.#store.sweepSessions(now, limit);
  }

  async readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return await this.#store.readEntries(scope, kind, names, now);
  }

  async listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return await this.#store.listEntries(scope, kind, pattern, page, now);
  }

  async writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    return await this.#store.writeEntries(batch, now);
  }

  async deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return await this.#store.deleteEntries(scope, kind, names, now);
  }

  onChange(listener: (change: StateChange) => void): Unwatch {
    const unwatch = this.#lent.onChange(listener);
    this.#unwatches.add(unwatch);
    return () => {
      this.#unwatches.delete(unwatch);
      unwatch();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const unwatch of this.#unwatches) unwatch();
    this.#unwatches.clear();
  }

  get #store(): StateStore {
    if (!this.#isClosed) return this.#lent;
    throw new SnakepitError(
      "SHUTTING_DOWN",
      `the ${this.kind} store of sessions is not used any more: its host is closed`,
    );
  }
}
