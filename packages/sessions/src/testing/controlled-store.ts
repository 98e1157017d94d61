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
import { ChangeListeners } from "../store/change-listeners.ts";
import { MemoryStore } from "../store/memory-store.ts";

/**
 * A store that other hosts write to, under the control of a test: records calls, delays answers, and suppresses reports
 * of changes.
 */
export class ControlledStore implements StateStore {
  readonly kind = "controlled";
  readonly shared = true;
  /** The store of the other hosts. */
  readonly others = new MemoryStore();
  /** The methods that were called, except `touchSessions`. */
  readonly calls: string[] = [];
  /** Whether reports of changes are lost. */
  isMuted = false;
  /** Whether writes succeed but reject, like after a broken connection. */
  losesAnswers = false;
  readonly #listeners = new ChangeListeners();
  #held: (() => void)[] | undefined;

  constructor() {
    this.others.onChange((change) => {
      if (!this.isMuted) this.report(change);
    });
  }

  report(change: StateChange): void {
    this.#listeners.notify(change);
  }

  /** Holds the answers of later reads, which are executed at once, until they are released. */
  hold(): void {
    this.#held ??= [];
  }

  /** Releases the oldest held answer, if any. */
  releaseOne(): void {
    this.#held?.shift()?.();
  }

  /** Releases the newest held answer before the others, if any. */
  releaseNewest(): void {
    this.#held?.pop()?.();
  }

  /** Releases all answers and stops holding new ones. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const arrive of held) arrive();
  }

  createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    return this.#write("createSession", this.others.createSession(draft, now, maxSessions));
  }

  readSession(id: string): Promise<SessionRecord | undefined> {
    return this.#read("readSession", this.others.readSession(id));
  }

  touchSessions(uses: readonly SessionUse[]): Promise<void> {
    return this.others.touchSessions(uses);
  }

  writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome> {
    return this.#write("writeSession", this.others.writeSession(id, write, now));
  }

  deleteSession(id: string, now: number): Promise<boolean> {
    return this.#write("deleteSession", this.others.deleteSession(id, now));
  }

  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]> {
    return this.#read("listSessions", this.others.listSessions(page, now));
  }

  countSessions(now: number): Promise<SessionCounts> {
    return this.#read("countSessions", this.others.countSessions(now));
  }

  sweepSessions(now: number, limit: number): Promise<readonly string[]> {
    return this.#write("sweepSessions", this.others.sweepSessions(now, limit));
  }

  readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#read("readEntries", this.others.readEntries(scope, kind, names, now));
  }

  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#read("listEntries", this.others.listEntries(scope, kind, pattern, page, now));
  }

  writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    return this.#write("writeEntries", this.others.writeEntries(batch, now));
  }

  deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.#write("deleteEntries", this.others.deleteEntries(scope, kind, names, now));
  }

  onChange(listener: (change: StateChange) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  close(): Promise<void> {
    return this.others.close();
  }

  async #read<Answer>(method: string, answer: Promise<Answer>): Promise<Answer> {
    this.calls.push(method);
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#held === undefined) resolve();
    else this.#held.push(resolve);
    await promise;
    return await answer;
  }

  async #write<Answer>(method: string, answer: Promise<Answer>): Promise<Answer> {
    this.calls.push(method);
    const written = await answer;
    if (this.losesAnswers) throw new Error("the connection broke");
    return written;
  }
}
