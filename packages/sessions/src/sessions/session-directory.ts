import type { Clock, Page, SessionOutcome, SessionRecord, SessionWrite, StateStore } from "@snakepit/core";
import { type Changer, ContendedUpdate } from "../updates/contended-update.ts";
import { turnOf } from "../updates/write-turns.ts";
import { checkTtlMs, completePage } from "./session-bounds.ts";
import type {
  NewSession,
  SessionDirectoryOptions,
  SessionListener,
  SessionStats,
} from "./session-directory-options.ts";
import {
  anotherSession,
  hostClosed,
  sessionGone,
  storeUnresponsive,
  tooManySessions,
  tooMuchContention,
  unknownSession,
  wrongSessionVersion,
} from "./session-errors.ts";
import { checkSessionId, newSessionId } from "./session-id.ts";
import { copyMetadata, type SessionMetadata } from "./session-metadata.ts";
import { SessionSweeper } from "./session-sweeper.ts";
import { TrackedSessions } from "./tracked-sessions.ts";

type DirectoryState =
  | { readonly is: "open" }
  | { readonly is: "closing"; readonly done: Promise<void> }
  | { readonly is: "closed"; readonly done: Promise<void> };

/** How long `close()` waits for a store that does not respond. */
const MAX_CLOSE_MS = 2_000;

/** The sessions of a host: creates, uses, updates and ends them. */
export class SessionDirectory {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #options: SessionDirectoryOptions;
  readonly #listener: SessionListener;
  readonly #tracked: TrackedSessions;
  readonly #sweeper: SessionSweeper;
  readonly #unwatch: () => void;
  #state: DirectoryState = { is: "open" };

  constructor(store: StateStore, clock: Clock, options: SessionDirectoryOptions, listener: SessionListener) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
    this.#listener = listener;
    this.#tracked = new TrackedSessions({
      store,
      clock,
      maxStaleMs: options.maxStaleMs,
      lastWorkerOf: (id) => listener.lastWorkerOf(id),
      ended: (id) => listener.ended(id),
      failed: (error) => this.#storeFailed(error),
    });
    this.#unwatch = store.onChange((change) => {
      if (change.is === "session") this.#tracked.changed(change.id);
      else if (change.is === "everything") this.#tracked.everythingChanged();
    });
    this.#sweeper = new SessionSweeper({
      store,
      clock,
      tracked: this.#tracked,
      intervalMs: options.sweepIntervalMs,
      failed: (error) => this.#storeFailed(error),
    });
  }

  /**
   * Creates a session, or returns the active one with this ID with its metadata and time to live unchanged. Counts as
   * use.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, `QUOTA_EXCEEDED`, `REGISTRY_UNAVAILABLE`.
   */
  async open(id: string = newSessionId(), { ttlMs, metadata }: NewSession = {}): Promise<SessionRecord> {
    checkSessionId(id);
    this.#throwIfClosed();
    const now = this.#clock.now();
    const draft = {
      id,
      ttlMs: ttlMs ?? this.#options.ttlMs,
      metadata: copyMetadata(metadata === undefined ? {} : metadata),
    };
    checkTtlMs(draft.ttlMs, now);
    const { maxSessions } = this.#options;
    const creation = await this.#tracked.create(id, () => this.#store.createSession(draft, now, maxSessions));
    if (creation.is === "over-quota") throw tooManySessions(id, creation.sessions, maxSessions);
    if (creation.is === "created") this.#listener.created(id);
    return creation.session;
  }

  /**
   * Counts a use of a session for a call that is about to start. Usually the store need not be read, and the result is
   * `undefined`.
   *
   * @param generation the required generation, from {@link generationOf}; by default any.
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`, and
   *   `SHUTTING_DOWN` after `close()`, like all methods; as a rejection.
   */
  use(id: string, generation?: number): Promise<void> | undefined {
    return this.#tracked.use(id, generation) ? undefined : this.#readAndUse(id, generation);
  }

  /**
   * Returns the generation of a session that was used on this host, which distinguishes it from a later session with
   * the same ID; 0 if it has ended.
   */
  generationOf(id: string): number {
    return this.#tracked.generationOf(id);
  }

  /**
   * Resolves with the current state of the session. Counts as use.
   *
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async get(id: string): Promise<SessionRecord> {
    await this.use(id);
    await this.#tracked.flush();
    return this.#active(id, await this.#tracked.read(id));
  }

  /** Resolves with whether an active session has this ID. Does not count as use. */
  async exists(id: string): Promise<boolean> {
    checkSessionId(id);
    this.#throwIfClosed();
    await this.#tracked.flush();
    const record = await this.#store.readSession(id);
    return record !== undefined && this.#clock.now() < record.expiresAt;
  }

  /**
   * Changes the metadata. `change` receives a copy and returns the new metadata; after a concurrent change it is called
   * again with the current metadata. Counts as use.
   *
   * The first time, other writers do not wait for a promise of `change`. After a conflict, those of this host wait for
   * it: at most 100 ms, and after each further conflict twice as long, up to 12.8 s. Updates that `change` makes itself
   * never wait for it.
   *
   * @throws SnakepitError as {@link get}; `INVALID_ARGUMENT` with the reason `version` after a hundred conflicts. An
   *   error of `change` is rethrown, and nothing is written.
   */
  async update(id: string, change: Changer<SessionMetadata>): Promise<SessionRecord> {
    const updated = {
      key: turnOf(id, "metadata"),
      read: () => this.get(id),
      valueOf: ({ metadata }: SessionRecord) => copyMetadata(metadata),
      write: async ({ version, ttlMs }: SessionRecord, metadata: SessionMetadata) => {
        const outcome = await this.#write(id, { version, metadata: copyMetadata(metadata), ttlMs });
        return { is: outcome.is, found: outcome.session };
      },
      tooMuchContention: (attempts: number) => tooMuchContention(id, attempts),
    };
    return await new ContendedUpdate(updated, change).make(this.#options.turns);
  }

  /**
   * Replaces the metadata. Counts as use.
   *
   * @param version the version that the session must have; by default any.
   * @throws SnakepitError as {@link get}; `INVALID_ARGUMENT` if the session has another version.
   */
  async write(id: string, metadata: SessionMetadata, version: number | undefined): Promise<SessionRecord> {
    if (version === undefined) return await this.update(id, () => metadata);
    const { ttlMs } = await this.get(id);
    const write = { version, metadata: copyMetadata(metadata), ttlMs };
    const outcome = await this.#options.turns.run([turnOf(id, "metadata")], () => this.#write(id, write));
    if (outcome.is === "written") return outcome.session;
    throw wrongSessionVersion(outcome.session, version);
  }

  /** Ends a session and deletes its variables and programs. Resolves with whether it was active. */
  async delete(id: string): Promise<boolean> {
    checkSessionId(id);
    this.#throwIfClosed();
    const wasActive = await this.#store.deleteSession(id, this.#clock.now());
    this.#tracked.end(id);
    return wasActive;
  }

  /** Returns the active sessions that calls on this host have used. */
  tracked(): Iterable<string> {
    return this.#tracked.ids();
  }

  /**
   * Requires that this host tracks a session, so that resources of this host can be tied to it.
   *
   * @throws SnakepitError `UNKNOWN_SESSION` if this host does not track the session, or it has ended.
   */
  requireTracked(id: string): void {
    if (!this.#tracked.has(id)) throw unknownSession(id);
  }

  /**
   * Resolves with one page of the active sessions, ordered by ID: 1,000 by default, at most 10,000 (`limit`).
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async list(page: { readonly [Key in keyof Page]?: Page[Key] | undefined } = {}): Promise<readonly SessionRecord[]> {
    const complete = completePage(page);
    this.#throwIfClosed();
    await this.#tracked.flush();
    return await this.#store.listSessions(complete, this.#clock.now());
  }

  /** The number of sessions that this host keeps track of because it uses them. */
  get trackedCount(): number {
    return this.#tracked.size;
  }

  async stats(): Promise<SessionStats> {
    this.#throwIfClosed();
    await this.#tracked.flush();
    const counts = await this.#store.countSessions(this.#clock.now());
    return { ...counts, tracked: this.#tracked.size, store: this.#store.kind };
  }

  /**
   * Deletes every expired session and resolves with their number. Also runs periodically.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also if uses of sessions could not be persisted, because those
   *   sessions would be deleted.
   */
  async sweep(): Promise<number> {
    this.#throwIfClosed();
    return await this.#sweeper.sweep();
  }

  /**
   * Returns when a session expires as far as this host knows, including uses that are not persisted yet; `undefined` if
   * it is not tracked here.
   */
  expiryOf(id: string): number | undefined {
    return this.#tracked.expiryOf(id);
  }

  /** Persists the last worker of each session. Must be called after the last dispatch and before the workers stop. */
  persistLastWorkers(): void {
    this.#tracked.persistLastWorkers();
  }

  /**
   * Persists pending uses and stops. If the store does not respond within two seconds, that is reported and `close()`
   * stops waiting. The store stays open. Can be called twice.
   */
  close(): Promise<void> {
    if (this.#state.is !== "open") return this.#state.done;
    const done = this.#close().then(() => {
      this.#state = { is: "closed", done };
    });
    this.#state = { is: "closing", done };
    return done;
  }

  async #close(): Promise<void> {
    this.#unwatch();
    const ended = Promise.all([this.#tracked.close(), this.#sweeper.close()]);
    if (!(await settlesWithin(ended, MAX_CLOSE_MS))) {
      this.#storeFailed(storeUnresponsive(this.#store.kind, MAX_CLOSE_MS));
    }
  }

  /** Reports a failure of the store, except after `close()`. */
  #storeFailed(error: unknown): void {
    if (this.#state.is !== "closed") this.#listener.storeFailed(error);
  }

  async #readAndUse(id: string, generation: number | undefined): Promise<void> {
    checkSessionId(id);
    this.#throwIfClosed();
    this.#active(id, await this.#tracked.readAndUse(id, generation));
    if (generation !== undefined && generation !== this.generationOf(id)) throw anotherSession(id);
  }

  async #write(id: string, write: SessionWrite): Promise<Exclude<SessionOutcome, { readonly is: "gone" }>> {
    const outcome = await this.#store.writeSession(id, write, this.#clock.now());
    if (outcome.is === "gone") throw sessionGone(id, await this.#store.readSession(id));
    if (outcome.is === "written") this.#tracked.written(outcome.session);
    return outcome;
  }

  /** Returns a session that was read; throws if it is not active. */
  #active(id: string, record: SessionRecord | undefined): SessionRecord {
    if (record !== undefined && this.#tracked.has(id)) return record;
    throw sessionGone(id, record);
  }

  #throwIfClosed(): void {
    if (this.#state.is !== "open") throw hostClosed();
  }
}

/** Waits up to `ms` milliseconds for a promise. Resolves with whether it settled; rejects if the promise rejects. */
async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
