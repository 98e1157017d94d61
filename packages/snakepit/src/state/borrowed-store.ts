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
  type Unsubscribe,
} from "@snakepit/core";

/** A host's view of a custom store. Closing the view ends its use by the host and leaves the store open. */
export class BorrowedStore implements StateStore {
  readonly #provided: StateStore;
  readonly #unwatches = new Set<Unsubscribe>();
  #isClosed = false;

  constructor(provided: StateStore) {
    this.#provided = provided;
  }

  get kind(): string {
    return this.#provided.kind;
  }

  get shared(): boolean {
    return this.#provided.shared;
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

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    const unwatch = this.#provided.onChange(listener);
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
    if (!this.#isClosed) return this.#provided;
    throw new SnakepitError(
      "SHUTTING_DOWN",
      `the host is closed and no longer uses its ${this.kind} store of sessions; start another one`,
    );
  }
}
