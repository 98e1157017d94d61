import type {
  EntryBatch,
  EntryKind,
  EntryOutcome,
  EntryRecord,
  Page,
  SessionCounts,
  SessionCreation,
  SessionDraft,
  SessionOutcome,
  SessionRecord,
  SessionUse,
  SessionWrite,
  StateChange,
  StateStore,
  Unsubscribe,
} from "@snakepit/core";
import type { OperationMeter } from "@snakepit/telemetry";

/** A store of sessions whose operations are measured. */
export class MeteredStore implements StateStore {
  readonly #store: StateStore;
  readonly #meter: OperationMeter;

  constructor(store: StateStore, meter: OperationMeter) {
    this.#store = store;
    this.#meter = meter;
  }

  get kind(): string {
    return this.#store.kind;
  }

  get shared(): boolean {
    return this.#store.shared;
  }

  createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    return this.#measure("createSession", (store) => store.createSession(draft, now, maxSessions));
  }

  readSession(id: string): Promise<SessionRecord | undefined> {
    return this.#measure("readSession", (store) => store.readSession(id));
  }

  touchSessions(uses: readonly SessionUse[]): Promise<void> {
    return this.#measure("touchSessions", (store) => store.touchSessions(uses));
  }

  writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    return this.#measure("writeSession", (store) => store.writeSession(id, write, now));
  }

  deleteSession(id: string, now: number): Promise<boolean> {
    return this.#measure("deleteSession", (store) => store.deleteSession(id, now));
  }

  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return this.#measure("listSessions", (store) => store.listSessions(page, now));
  }

  countSessions(now: number): Promise<SessionCounts> {
    return this.#measure("countSessions", (store) => store.countSessions(now));
  }

  sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    return this.#measure("sweepSessions", (store) => store.sweepSessions(now, limit));
  }

  readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#measure("readEntries", (store) => store.readEntries(scope, kind, names, now));
  }

  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#measure("listEntries", (store) => store.listEntries(scope, kind, pattern, page, now));
  }

  writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    return this.#measure("writeEntries", (store) => store.writeEntries(batch, now));
  }

  deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#measure("deleteEntries", (store) => store.deleteEntries(scope, kind, names, now));
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#store.onChange(listener);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #measure<Result>(operation: keyof StateStore, work: (store: StateStore) => Promise<Result>): Promise<Result> {
    return this.#meter.measure("store", operation, () => work(this.#store));
  }
}
