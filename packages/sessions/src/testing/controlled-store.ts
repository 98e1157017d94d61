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
 * A store that others write to, under a test's control: which methods were called, when answers arrive, and which changes
 * are told.
 */
export class ControlledStore implements StateStore {
  readonly kind = "controlled";
  readonly shared = true;
  /** What the other hosts work on. */
  readonly others = new MemoryStore();
  /** Methods that were called, except `touchSessions`. */
  readonly calls: string[] = [];
  /** Whether changes get lost. */
  isMuted = false;
  /** Whether writes fail after they were made, as when a connection breaks. */
  losesAnswers = false;
  readonly #listeners = new ChangeListeners();
  #held: (() => void)[] | undefined;

  constructor() {
    this.others.onChange((change) => {
      if (!this.isMuted) this.tell(change);
    });
  }

  tell(change: StateChange): void {
    this.#listeners.notify(change);
  }

  /** From now on, what is read is read at once, but the answers do not arrive until they are released. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets the oldest answer arrive that is held back, if there is one. */
  releaseOne(): void {
    this.#held?.shift()?.();
  }

  /** Lets the youngest answer that is held back overtake the others, if there is one. */
  releaseYoungest(): void {
    this.#held?.pop()?.();
  }

  /** Lets all answers arrive, and holds none back any more. */
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
