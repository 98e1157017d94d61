import assert from "node:assert/strict";
import type {
  EntryBatch,
  EntryKind,
  EntryOutcome,
  EntryRecord,
  EntryWrite,
  Page,
  SessionDraft,
  SessionRecord,
  SessionWrite,
  StateStore,
} from "../../ports/state-store.ts";
import type { FakeClock, StateStoreBench } from "../state-store-case.ts";
import { bytesOf } from "./comparable.ts";

/** Default time to live of sessions, in milliseconds. */
export const TTL_MS = 60_000;
/** A quota that no case reaches. */
export const PLENTY = 1_000_000;
export const ATTRIBUTES = '{"type":"string"}';

/** A handle on a store, with defaults for arguments that are not relevant to a case. */
export class Subject {
  readonly store: StateStore;
  readonly clock: FakeClock;

  constructor(store: StateStore, clock: FakeClock) {
    this.store = store;
    this.clock = clock;
  }

  static async of(bench: StateStoreBench): Promise<Subject> {
    return new Subject(await bench.open(), bench.clock);
  }

  get now(): number {
    return this.clock.now();
  }

  /** Creates a missing session. */
  async create(id: string, draft: Partial<SessionDraft> = {}): Promise<SessionRecord> {
    const creation = await this.store.createSession({ id, metadata: {}, ttlMs: TTL_MS, ...draft }, this.now, PLENTY);
    assert(creation.is === "created", `session "${id}" was not created: ${creation.is}`);
    return creation.session;
  }

  /** Returns an existing session. */
  async session(id: string): Promise<SessionRecord> {
    const session = await this.store.readSession(id);
    assert(session !== undefined, `session "${id}" does not exist`);
    return session;
  }

  /** Changes a session that has this version. */
  async change(id: string, write: SessionWrite): Promise<SessionRecord> {
    const outcome = await this.store.writeSession(id, write, this.now);
    assert(outcome.is === "written", `session "${id}" was not written: ${outcome.is}`);
    return outcome.session;
  }

  async use(id: string, lastWorker?: string): Promise<void> {
    await this.store.touchSessions([{ id, usedAt: this.now, lastWorker }]);
  }

  async idsOf(page: Partial<Page> = {}): Promise<readonly string[]> {
    const sessions = await this.store.listSessions({ limit: PLENTY, ...page }, this.now);
    return sessions.map(({ id }) => id);
  }

  write(
    scope: string,
    writes: readonly EntryWrite[],
    batch: Partial<EntryBatch> = {},
  ): Promise<readonly EntryOutcome[]> {
    const defaults = { kind: "variable", author: "host", atomic: false, maxEntries: PLENTY } as const;
    return this.store.writeEntries({ ...defaults, ...batch, scope, writes }, this.now);
  }

  /** Writes one entry, and returns the outcome. */
  async writeOne(scope: string, write: EntryWrite, batch: Partial<EntryBatch> = {}): Promise<EntryOutcome> {
    const [outcome, ...others] = await this.write(scope, [write], batch);
    assert(outcome !== undefined && others.length === 0, "the batch has one outcome for each write");
    return outcome;
  }

  /** Writes an entry unconditionally. */
  async put(
    scope: string,
    name: string,
    value: string | Uint8Array,
    batch: Partial<EntryBatch> = {},
  ): Promise<EntryRecord> {
    const outcome = await this.writeOne(scope, anything(name, value), batch);
    assert(outcome.is === "written", `entry "${name}" was not written: ${outcome.is}`);
    return outcome.entry;
  }

  /** Returns an existing entry. */
  async entry(scope: string, name: string, kind: EntryKind = "variable"): Promise<EntryRecord> {
    const entry = (await this.read(scope, [name], kind))?.[0];
    assert(entry !== undefined, `entry "${name}" does not exist`);
    return entry;
  }

  read(
    scope: string,
    names: readonly string[],
    kind: EntryKind = "variable",
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.store.readEntries(scope, kind, names, this.now);
  }

  list(
    scope: string,
    pattern = "*",
    page: Partial<Page> = {},
    kind: EntryKind = "variable",
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.store.listEntries(scope, kind, pattern, { limit: PLENTY, ...page }, this.now);
  }

  delete(
    scope: string,
    names: readonly string[],
    kind: EntryKind = "variable",
  ): Promise<readonly EntryRecord[] | undefined> {
    return this.store.deleteEntries(scope, kind, names, this.now);
  }
}

/** Returns an unconditional write. */
export function anything(name: string, value: string | Uint8Array): EntryWrite {
  return { name, value: bytesOf(value), attributes: ATTRIBUTES, expects: "anything" };
}
