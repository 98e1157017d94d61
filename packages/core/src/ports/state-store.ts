import type { Unsubscribe } from "../async/abort-fan-out.ts";

/** The scope of entries that belong to no session and never expire, such as global programs. No session has this ID. */
export const GLOBAL_SCOPE = "";

/**
 * A session in a store. Times are integral milliseconds since 1970, on the clocks of the hosts. IDs and names of
 * entries are well-formed Unicode without U+0000 and are compared by code point: case-sensitive and without
 * normalization.
 */
export interface SessionRecord {
  readonly id: string;
  /** 1 for a new session. Increases by 1 with each change of `metadata` or `ttlMs`, but not with use. */
  readonly version: number;
  /** Data of the callers: a JSON object. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** When it was last created, read for a caller, or used by a call. The store may lag behind; see `touchSessions`. */
  readonly usedAt: number;
  /** Time to live in milliseconds without use; `Infinity` for no limit. */
  readonly ttlMs: number;
  /** `usedAt + ttlMs`. From this time on, the session has expired, whether it has been swept or not. */
  readonly expiresAt: number;
  /** The worker that last executed a call of the session. */
  readonly lastWorker: string | undefined;
}

/** The properties of a new session. */
export interface SessionDraft {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ttlMs: number;
}

export type SessionCreation =
  | { readonly is: "created"; readonly session: SessionRecord }
  /** An active session with this ID exists; it is unchanged, and this counts as use. */
  | { readonly is: "found"; readonly session: SessionRecord }
  /** The number of active sessions has reached the quota. */
  | { readonly is: "over-quota"; readonly sessions: number };

/** A change of a session, which is written only if its current version is `version`. */
export interface SessionWrite {
  readonly version: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ttlMs: number;
}

export type SessionOutcome =
  | { readonly is: "written"; readonly session: SessionRecord }
  /** The session has another version. */
  | { readonly is: "conflict"; readonly session: SessionRecord }
  /** The session does not exist or has expired. */
  | { readonly is: "gone" };

export interface SessionCounts {
  /** Number of active sessions. */
  readonly active: number;
  /** Number of expired sessions that have not been swept. */
  readonly expired: number;
  /** Number of entries of active sessions and of global entries, by kind. */
  readonly entries: Readonly<Record<EntryKind, number>>;
}

/** The kind of an entry. Names are unique within a scope and kind. */
export type EntryKind = "variable" | "program";

export const ENTRY_KINDS: readonly EntryKind[] = ["variable", "program"];

/** A named value with a version, of a session or global. The value and the attributes are opaque to the store. */
export interface EntryRecord {
  readonly name: string;
  /** The value, encoded by a `ValueCodec`. */
  readonly value: Uint8Array;
  /** The type, constraints and metadata of the value, as a JSON string. */
  readonly attributes: string;
  /**
   * Increases by 1 with each write. A new entry starts above all versions of earlier entries with its scope, kind and
   * name, even if the session was deleted and created again. A write that expects a version therefore never changes
   * another entry than the one that was read.
   */
  readonly version: number;
  /**
   * Increases with every write to the store, so that an entry that was deleted and created again has another revision.
   */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The author of the last change: `host`, the ID of a worker, or `client:` and the name of a client. */
  readonly updatedBy: string;
  /** The value before the last change; `undefined` if the entry has not changed. */
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
  /** The new attributes. Default: the existing ones. Required if the entry may be missing. */
  readonly attributes?: string | undefined;
  /** The state that the write requires: any, no entry, an existing entry, or an entry with this version. */
  readonly expects: "anything" | "nothing" | "something" | number;
}

export type EntryOutcome =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** The current entry, or the lack of one, is not in the expected state. */
  | { readonly is: "conflict"; readonly entry: EntryRecord | undefined }
  /** The session does not exist or has expired. */
  | { readonly is: "gone" }
  /** The number of entries of this kind in this scope has reached the quota. */
  | { readonly is: "over-quota"; readonly entries: number }
  /** The atomic batch was not written because of another write. */
  | { readonly is: "not-written" };

export interface EntryBatch {
  readonly scope: string;
  readonly kind: EntryKind;
  /** The writes; names must be unique. */
  readonly writes: readonly EntryWrite[];
  /** The author of the changes. */
  readonly author: string;
  /** Whether either all writes succeed or none. Each single write is always atomic. */
  readonly atomic: boolean;
  /** Maximum number of entries of this kind in the scope; applies to new entries. */
  readonly maxEntries: number;
}

/** A change in a store, without the new state. */
export type StateChange =
  /** The session was created, changed, or deleted with its entries. Use is not a change. */
  | { readonly is: "session"; readonly id: string }
  | { readonly is: "entries"; readonly scope: string; readonly kind: EntryKind; readonly names: readonly string[] }
  /** Changes may have been missed: anything may have changed. */
  | { readonly is: "everything" };

/** One page of a listing, ordered by ID or name (by code point). */
export interface Page {
  /** The last ID or name of the previous page; absent for the first page. */
  readonly after?: string | undefined;
  /** Maximum number of items. */
  readonly limit: number;
}

/**
 * Stores sessions with their variables and programs. Methods with the parameter `now` use it instead of a clock.
 * Changes are committed when the promise resolves.
 *
 * An expired session (`expiresAt <= now`) is never revived: it cannot be used, changed or written to. Creating a
 * session with its ID creates a new one without the entries of the old one.
 *
 * Every method rejects with `REGISTRY_UNAVAILABLE` while the store cannot be reached. Implementations must pass
 * `stateStoreConformance` of `@snakepit/core/conformance`.
 */
export interface StateStore {
  /** Kind of the store, for messages and statistics: `memory`, `sqlite`, `postgresql`, or a custom name. */
  readonly kind: string;
  /**
   * Whether other processes may write to the store. Values that were read are then cached only for a short time (see
   * `CachedStore` of `@snakepit/sessions`).
   */
  readonly shared: boolean;

  /** Creates a session, unless an active one has the same ID. */
  createSession(draft: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation>;
  /** Returns the session, even if it has expired. Does not count as use. */
  readSession(id: string): Promise<SessionRecord | undefined>;
  /**
   * Records uses of sessions with their time and worker, except for uses that are earlier than the recorded one.
   * Sessions that are missing, or had expired at the time of the use, are ignored. A session may occur several times.
   */
  touchSessions(uses: readonly SessionUse[]): Promise<void>;
  /** Changes a session. Does not count as use: `usedAt` is unchanged, and `expiresAt` becomes `usedAt + ttlMs`. */
  writeSession(id: string, write: SessionWrite, now: number): Promise<SessionOutcome>;
  /** Deletes a session and its entries. Returns whether it was active. */
  deleteSession(id: string, now: number): Promise<boolean>;
  /** Returns a page of the active sessions, ordered by ID. */
  listSessions(page: Page, now: number): Promise<readonly SessionRecord[]>;
  /** Returns the number of sessions and entries. */
  countSessions(now: number): Promise<SessionCounts>;
  /** Deletes expired sessions, at most `limit`, and returns their IDs. */
  sweepSessions(now: number, limit: number): Promise<readonly string[]>;

  /**
   * Returns entries in the order of the names, without missing ones; `undefined` if the scope is a session that does
   * not exist or has expired.
   */
  readEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;
  /**
   * Returns a page of the entries whose name matches a pattern, ordered by name; `*` matches any string and `?` one
   * character. `undefined` if the scope is a session that does not exist or has expired.
   */
  listEntries(
    scope: string,
    kind: EntryKind,
    pattern: string,
    page: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;
  /**
   * Writes entries and returns one outcome for each write, in order. If an atomic batch is not written, each failed
   * write has its reason, and all others are `not-written`.
   */
  writeEntries(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]>;
  /**
   * Deletes entries and returns the deleted ones, in any order; `undefined` if the scope is a session that does not
   * exist or has expired.
   */
  deleteEntries(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined>;

  /**
   * Adds a listener for committed changes, including those made through this object. A shared store also reports the
   * changes of other processes, usually within milliseconds, and `everything` if changes may have been missed. Rejected
   * writes are not reported. The listener must not throw.
   */
  onChange(listener: (change: StateChange) => void): Unsubscribe;
  /**
   * Closes the store after pending operations. Idempotent. Then every method rejects with `SHUTTING_DOWN`, and no
   * change is reported.
   */
  close(): Promise<void>;
}

/** A use of a session. */
export interface SessionUse {
  readonly id: string;
  readonly usedAt: number;
  /** The worker that executed the call. Without a worker, the recorded one is unchanged. */
  readonly lastWorker?: string | undefined;
}
