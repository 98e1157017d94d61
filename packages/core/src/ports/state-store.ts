import type { Unsubscribe } from "../async/abort-fan-out.ts";

/** The scope of what belongs to no session and never expires, such as global programs. No session has this id. */
export const GLOBAL_SCOPE = "";

/**
 * What a store keeps of a session. Times are whole milliseconds since 1970, on the hosts' clocks. Ids, and names of
 * entries, are well-formed Unicode without U+0000 and are told apart by their code points: upper from lower case, and
 * composed from decomposed letters.
 */
export interface SessionRecord {
  readonly id: string;
  /** 1 for a new session; grows by 1 with each change of `metadata` or `ttlMs`. Being used does not change it. */
  readonly version: number;
  /** What the caller knows of it, kept as JSON; it holds nothing that JSON cannot hold. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** When it was last created, read for a caller, or used by a call; stores may lag behind, see `touchSessions`. */
  readonly usedAt: number;
  /** Milliseconds until it expires without being used; `Infinity` for no limit. */
  readonly ttlMs: number;
  /** `usedAt + ttlMs`. From this moment on the session has expired, whether it has been swept or not. */
  readonly expiresAt: number;
  /** The worker that last executed a call of it. */
  readonly lastWorker: string | undefined;
}

/** A session to be. */
export interface SessionDraft {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ttlMs: number;
}

export type SessionCreation =
  | { readonly is: "created"; readonly session: SessionRecord }
  /** An active session has this id; it is unchanged, and counts as used. */
  | { readonly is: "found"; readonly session: SessionRecord }
  /** There are as many active sessions as the quota allows. */
  | { readonly is: "over-quota"; readonly sessions: number };

/** A change of a session, made only where its version is still `version`. */
export interface SessionWrite {
  readonly version: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ttlMs: number;
}

export type SessionOutcome =
  | { readonly is: "written"; readonly session: SessionRecord }
  /** Another writer has changed it meanwhile. */
  | { readonly is: "conflict"; readonly session: SessionRecord }
  /** It is not there, or over. */
  | { readonly is: "gone" };

export interface SessionCounts {
  /** Sessions that are alive. */
  readonly active: number;
  /** Sessions that are over and have not been swept. */
  readonly expired: number;
  /** Entries of active sessions and global ones, by kind. */
  readonly entries: Readonly<Record<EntryKind, number>>;
}

/** What an entry is. Names are unique within scope and kind. */
export type EntryKind = "variable" | "program";

export const ENTRY_KINDS: readonly EntryKind[] = ["variable", "program"];

/** A named value with a version, in a session or global. The store does not look into value and attributes. */
export interface EntryRecord {
  readonly name: string;
  /** The value, as a `ValueCodec` wrote it. */
  readonly value: Uint8Array;
  /** What is known of the value, as JSON text: type, constraints, metadata. */
  readonly attributes: string;
  /**
   * Grows by 1 with each write. The version of a new entry is higher than any that an entry of its scope, kind and
   * name had before, also in a session that was deleted and created again: a writer that expects a version never
   * writes to another entry than the one that was read.
   */
  readonly version: number;
  /** Grows with every write to the store, so that a deleted and newly made entry differs from the old one. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who wrote it last: `host`, a worker's id, or what a client calls itself. */
  readonly updatedBy: string;
  /** The last change: what was there before; absent when there was only one write. */
  readonly previous: PreviousValue | undefined;
}

export interface PreviousValue {
  readonly value: Uint8Array;
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** A write to one entry. */
export interface EntryWrite {
  readonly name: string;
  readonly value: Uint8Array;
  /** Absent, the existing ones stay. Required for an entry that may be absent. */
  readonly attributes?: string | undefined;
  /** What has to be there for the write to be made; a number is a version. */
  readonly expects: "anything" | "nothing" | "something" | number;
}

export type EntryOutcome =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** Something else is there than was expected: this entry, or none. */
  | { readonly is: "conflict"; readonly entry: EntryRecord | undefined }
  /** The session is not there, or over. */
  | { readonly is: "gone" }
  /** There are as many entries of this kind in this scope as there may be. */
  | { readonly is: "over-quota"; readonly entries: number }
  /** An atomic batch was not written, because of another of its writes. */
  | { readonly is: "not-written" };

export interface EntryBatch {
  readonly scope: string;
  readonly kind: EntryKind;
  /** Each name once. */
  readonly writes: readonly EntryWrite[];
  /** Who writes. */
  readonly author: string;
  /** Whether all are to be written or none. Each single write is atomic in any case. */
  readonly atomic: boolean;
  /** How many entries of this kind the scope may have. Counts when a new one would be made. */
  readonly maxEntries: number;
}

/** Something in a store has changed; what it is now has to be read. */
export type StateChange =
  /** The session was made, changed, or deleted with all that belonged to it; being used is no change. */
  | { readonly is: "session"; readonly id: string }
  | { readonly is: "entries"; readonly scope: string; readonly kind: EntryKind; readonly names: readonly string[] }
  /** Changes may have been missed: everything may be different. */
  | { readonly is: "everything" };

/** One page of a listing, in the order of ids or names (by code point). */
export interface Page {
  /** Begins after this id or name. */
  readonly after?: string | undefined;
  /** How many at most. */
  readonly limit: number;
}

/**
 * Keeps sessions, and the variables and programs that belong to them. All methods that take `now` go by it and not by a
 * clock of their own. What a method has resolved with is committed.
 *
 * A session that is over (`expiresAt <= now`) is never revived: it cannot be used, changed or written to; making one with
 * its id makes a new one, without what belonged to the old.
 *
 * Every method rejects with `REGISTRY_UNAVAILABLE` when the store cannot be reached, and works again when it is back. An
 * implementation passes `stateStoreConformance` of `@snakepit/core/conformance`.
 */
export interface StateStore {
  /** What it is, for messages and statistics: `memory`, `sqlite`, `postgresql`. */
  readonly kind: string;
  /**
   * Whether others may write to it behind this host's back; then what was read from it is kept for a short time only (see
   * `CachedStore` of `@snakepit/sessions`).
   */
  readonly shared: boolean;

  /** Creates a session, unless an active one has the id. */
  createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation>;
  /** Returns the session, also when it has expired; does not count as use. */
  readSession(id: string): Promise<SessionRecord | undefined>;
  /**
   * Records that sessions were used, each at its time and by its worker, unless a later use is recorded: a session
   * that was created and used in one millisecond has its worker. Sessions that are missing, or had expired at that
   * time, are ignored. One session may be named several times.
   */
  touchSessions(uses: readonly SessionUse[]): Promise<void>;
  /** Changes a session. That is no use: `usedAt` stays, and `expiresAt` becomes `usedAt` and the new `ttlMs`. */
  writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome>;
  /** Deletes a session and its entries. Returns whether it existed and was active. */
  deleteSession(id: string, now: number): Promise<boolean>;
  /** Returns active sessions, by id. */
  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]>;
  countSessions(now: number): Promise<SessionCounts>;
  /** Deletes expired sessions, at most `limit`, and returns their ids. */
  sweepSessions(now: number, limit: number): Promise<readonly string[]>;

  /**
   * Entries by name, in the order of the names; those that are not there are left out. `undefined` when the scope is a
   * session that is not there or over.
   */
  readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;
  /**
   * Entries whose name matches a pattern in which `*` stands for any text and `?` for one character, by name.
   * `undefined` when the scope is a session that is not there or over.
   */
  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;
  /**
   * Writes entries; returns one outcome for each write, in order. Of an atomic batch that was not written, each write
   * that could not be made has its reason, and all others are `not-written`.
   */
  writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]>;
  /**
   * Deletes entries and returns the deleted ones, unchanged and in any order. `undefined` when the scope is a session
   * that is missing or has expired.
   */
  deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;

  /**
   * Receives every change after it was committed, also those made through this object. Of a store that others write
   * to, their changes too: usually at once, and in any case `everything` when some may have been missed. A rejected
   * write is not reported. The listener must not throw.
   */
  onChange(listener: (change: StateChange) => void): Unsubscribe;
  /**
   * Waits for pending operations. May be called again. Afterwards every method rejects with `SHUTTING_DOWN`, and no
   * change is reported.
   */
  close(): Promise<void>;
}

/** That a session was used. */
export interface SessionUse {
  readonly id: string;
  readonly usedAt: number;
  /** The worker that executed the call; absent when no worker had part in it, and then the one before stays. */
  readonly lastWorker?: string | undefined;
}
