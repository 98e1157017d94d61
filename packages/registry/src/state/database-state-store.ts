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
import { databaseClosed } from "../database/database-fault.ts";
import { within } from "../database/open-and-close.ts";
import { ChangeListeners } from "./change-listeners.ts";
import { EntriesInDatabase } from "./entries-in-database.ts";
import { SessionsInDatabase } from "./sessions-in-database.ts";
import type { StateDatabase } from "./state-database.ts";

/**
 * The time that closing waits for operations, in milliseconds. Later writes are lost, as if the host had been killed.
 */
const CLOSE_TIMEOUT_MS = 2_000;

/** A state store in a database. */
export class DatabaseStateStore implements StateStore {
  readonly kind: string;
  readonly shared = true;
  readonly #database: StateDatabase;
  readonly #sessions: SessionsInDatabase;
  readonly #entries: EntriesInDatabase;
  readonly #listeners: ChangeListeners;
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(database: StateDatabase) {
    this.kind = database.kind;
    this.#database = database;
    this.#sessions = new SessionsInDatabase(database);
    this.#entries = new EntriesInDatabase(database);
    this.#listeners = new ChangeListeners(database.changes);
  }

  createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    return this.#run(async () => {
      const creation = await this.#sessions.create(draft, now, maxSessions);
      if (creation.is === "created") this.#reportSessions([draft.id]);
      return creation;
    });
  }

  readSession(id: string): Promise<SessionRecord | undefined> {
    return this.#run(() => this.#sessions.read(id));
  }

  touchSessions(uses: readonly SessionUse[]): Promise<void> {
    return this.#run(() => this.#sessions.touch(uses));
  }

  writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    return this.#run(async () => {
      const outcome = await this.#sessions.write(id, write, now);
      if (outcome.is === "written") this.#reportSessions([id]);
      return outcome;
    });
  }

  deleteSession(id: string, now: number): Promise<boolean> {
    return this.#run(async () => {
      const expiresAt = await this.#sessions.delete(id);
      if (expiresAt === undefined) return false;
      this.#reportSessions([id]);
      return expiresAt > now;
    });
  }

  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return this.#run(() => this.#sessions.list(page, now));
  }

  countSessions(now: number): Promise<SessionCounts> {
    return this.#run(() => this.#sessions.count(now));
  }

  sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    return this.#run(async () => {
      const ids = await this.#sessions.sweep(now, limit);
      this.#reportSessions(ids);
      return ids;
    });
  }

  readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#run(() => this.#entries.read(scope, kind, names, now));
  }

  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#run(() => this.#entries.list(scope, kind, pattern, page, now));
  }

  writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    return this.#run(async () => {
      if (batch.writes.length === 0) return [];
      const outcomes = await this.#entries.write(batch, now);
      const written = outcomes.flatMap((outcome) => (outcome.is === "written" ? outcome.entry.name : []));
      this.#reportEntries(batch.scope, batch.kind, written);
      return outcomes;
    });
  }

  deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#run(async () => {
      const deleted = await this.#entries.delete(scope, kind, names, now);
      const deletedNames = deleted?.map(({ name }) => name) ?? [];
      this.#reportEntries(scope, kind, deletedNames);
      return deleted;
    });
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#closing === undefined ? this.#listeners.add(listener) : () => undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const pending = Promise.allSettled(this.#pending);
    await within(CLOSE_TIMEOUT_MS, pending, () => new Error("timeout")).catch(() => this.#database.breakOff());
    this.#listeners.clear();
    await this.#database.close();
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) throw databaseClosed(this.#database.purpose, this.#database.place);
    const result = work();
    this.#pending.add(result);
    try {
      return await result;
    } finally {
      this.#pending.delete(result);
    }
  }

  #reportSessions(ids: readonly string[]): void {
    for (const id of ids) this.#listeners.notifyAll({ is: "session", id });
  }

  #reportEntries(scope: string, kind: EntryKind, names: readonly string[]): void {
    if (names.length > 0) this.#listeners.notifyAll({ is: "entries", scope, kind, names });
  }
}
