import type {
  Clock,
  Page,
  SessionCounts,
  SessionOutcome,
  SessionRecord,
  SessionWrite,
  StateStore,
} from "@snakepit/core";
import { AttendedSessions } from "./tracked-sessions.ts";
import { checkTtlMs, completePage } from "./session-bounds.ts";
import type { SessionDirectoryOptions, SessionListener } from "./session-directory-options.ts";
import {
  anotherSession,
  hostClosed,
  sessionGone,
  storeHangs,
  tooManySessions,
  tooMuchContention,
  unknownSession,
  wrongSessionVersion,
} from "./session-errors.ts";
import { checkSessionId, newSessionId } from "./session-id.ts";
import { copyMetadata, type SessionMetadata } from "./session-metadata.ts";
import { SessionSweeper } from "./session-sweeper.ts";
import { settlesWithin } from "./settles-within.ts";

/** What may be said of a new session. */
export interface NewSession {
  /** Milliseconds that it lives without being used; `Infinity` for ever. */
  readonly ttlMs?: number | undefined;
  readonly metadata?: SessionMetadata | undefined;
}

export interface SessionStats extends SessionCounts {
  /** Sessions that calls have been made in on this host. */
  readonly attended: number;
  /** What kind of store keeps them. */
  readonly store: string;
}

/** How often an update is tried when others change the session at the same time. */
const UPDATE_ATTEMPTS = 100;
/** How long the end waits for a store that does not answer. */
const LONGEST_CLOSING_MS = 2_000;

/** The sessions of a host: made, used, changed, ended. */
export class SessionDirectory {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #options: SessionDirectoryOptions;
  readonly #listener: SessionListener;
  readonly #attended: AttendedSessions;
  readonly #sweeper: SessionSweeper;
  readonly #unwatch: () => void;
  #closed: Promise<void> | undefined;
  #isOver = false;

  constructor(store: StateStore, clock: Clock, options: SessionDirectoryOptions, listener: SessionListener) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
    this.#listener = listener;
    this.#attended = new AttendedSessions({
      store,
      clock,
      maxStaleMs: options.maxStaleMs,
      lastWorkerOf: (id) => listener.lastWorkerOf(id),
      ended: (id) => listener.ended(id),
      failed: (error) => this.#storeFailed(error),
    });
    this.#unwatch = store.onChange((change) => {
      if (change.is === "session") this.#attended.changed(change.id);
      else if (change.is === "everything") this.#attended.everythingChanged();
    });
    this.#sweeper = new SessionSweeper({
      store,
      clock,
      attended: this.#attended,
      intervalMs: options.sweepIntervalMs,
      failed: (error) => this.#storeFailed(error),
    });
  }

  /**
   * Makes a session, or finds the living one with this id, which keeps its own metadata and time to live. Counts as use.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, `QUOTA_EXCEEDED`, `REGISTRY_UNAVAILABLE`.
   */
  async open(id: string = newSessionId(), { ttlMs, metadata }: NewSession = {}): Promise<SessionRecord> {
    checkSessionId(id);
    this.#refuseIfClosed();
    const now = this.#clock.now();
    const draft = {
      id,
      ttlMs: ttlMs ?? this.#options.ttlMs,
      metadata: copyMetadata(metadata === undefined ? {} : metadata),
    };
    checkTtlMs(draft.ttlMs, now);
    const { maxSessions } = this.#options;
    const creation = await this.#attended.create(id, () => this.#store.createSession(draft, now, maxSessions));
    if (creation.is === "over-quota") throw tooManySessions(id, creation.sessions, maxSessions);
    if (creation.is === "created") this.#listener.created(id);
    return creation.session;
  }

  /**
   * Counts a use of a session that a call is about to be made in. Usually that is known without asking the store, and there
   * is nothing to wait for.
   *
   * @param life {@link lifeOf} the session that is meant: another one with its id is not used. Absent, any is meant.
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`, and after
   *   `close()` `SHUTTING_DOWN`, as all methods; as a rejection.
   */
  use(id: string, life?: number): Promise<void> | undefined {
    return this.#attended.use(id, life) ? undefined : this.#askAndUse(id, life);
  }

  /**
   * Tells a session that was used on this host from a later one with the same id: each has a number of its own. 0, which
   * none has, when it is over.
   */
  lifeOf(id: string): number {
    return this.#attended.lifeOf(id);
  }

  /**
   * The session as it is now. Counts as use.
   *
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async get(id: string): Promise<SessionRecord> {
    await this.use(id);
    await this.#attended.flush();
    return this.#living(id, await this.#attended.ask(id));
  }

  /** Whether there is a living session with this id. Does not count as use. */
  async exists(id: string): Promise<boolean> {
    checkSessionId(id);
    this.#refuseIfClosed();
    await this.#attended.flush();
    const record = await this.#store.readSession(id);
    return record !== undefined && this.#clock.now() < record.expiresAt;
  }

  /**
   * Changes the metadata. `change` gets a copy and returns what is to be there instead; when somebody else changes the
   * session at the same time it is called again with what is there then. Counts as use.
   *
   * @throws SnakepitError as {@link get}; what `change` throws is thrown on, and nothing is changed.
   */
  async update(
    id: string,
    change: (metadata: SessionMetadata) => SessionMetadata | Promise<SessionMetadata>,
  ): Promise<SessionRecord> {
    let session = await this.get(id);
    for (let attempt = 0; attempt < UPDATE_ATTEMPTS; attempt++) {
      const metadata = copyMetadata(await change(copyMetadata(session.metadata)));
      const write = { version: session.version, metadata, ttlMs: session.ttlMs };
      const outcome = await this.#write(id, write);
      if (outcome.is === "written") return outcome.session;
      session = outcome.session;
    }
    throw tooMuchContention(id, UPDATE_ATTEMPTS);
  }

  /**
   * Puts metadata in place of what is there. Counts as use.
   *
   * @param version absent, whatever the version is.
   * @throws SnakepitError as {@link get}; `INVALID_ARGUMENT` when the session has another version.
   */
  async write(id: string, metadata: SessionMetadata, version: number | undefined): Promise<SessionRecord> {
    if (version === undefined) return await this.update(id, () => metadata);
    const { ttlMs } = await this.get(id);
    const write = { version, metadata: copyMetadata(metadata), ttlMs };
    const outcome = await this.#write(id, write);
    if (outcome.is === "written") return outcome.session;
    throw wrongSessionVersion(outcome.session, version);
  }

  /** Ends a session and deletes what belongs to it. Says whether it was there and alive. */
  async delete(id: string): Promise<boolean> {
    checkSessionId(id);
    this.#refuseIfClosed();
    const wasAlive = await this.#store.deleteSession(id, this.#clock.now());
    this.#attended.end(id);
    return wasAlive;
  }

  /** The sessions that calls have been made in on this host and that are not over. */
  attended(): Iterable<string> {
    return this.#attended.ids();
  }

  /**
   * Says whether a session may be given something that lives in this host and ends with it.
   *
   * @throws SnakepitError `UNKNOWN_SESSION` when it is over, as far as this host has heard.
   */
  requireAttended(id: string): void {
    if (!this.#attended.has(id)) throw unknownSession(id);
  }

  /**
   * Living sessions, in the order of their ids: 1,000 when `limit` does not say, 10,000 at most.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async list(page: { readonly [Key in keyof Page]?: Page[Key] | undefined } = {}): Promise<readonly SessionRecord[]> {
    const complete = completePage(page);
    this.#refuseIfClosed();
    await this.#attended.flush();
    return await this.#store.listSessions(complete, this.#clock.now());
  }

  async stats(): Promise<SessionStats> {
    this.#refuseIfClosed();
    await this.#attended.flush();
    const counts = await this.#store.countSessions(this.#clock.now());
    return { ...counts, attended: this.#attended.size, store: this.#store.kind };
  }

  /**
   * Deletes every session that is over, and says how many there were. Happens by itself, too.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when it could not be written down that sessions were used: they
   *   would be deleted.
   */
  async sweep(): Promise<number> {
    this.#refuseIfClosed();
    return await this.#sweeper.sweep();
  }

  /**
   * Until when a session lives as far as this host knows, uses that are not written down yet included; `undefined` when no
   * call was made in it here.
   */
  livesUntil(id: string): number | undefined {
    return this.#attended.livesUntil(id);
  }

  /** To be called when no call gets a worker any more, and before the workers go: who executed the last ones is written down. */
  workersLeave(): void {
    this.#attended.workersLeave();
  }

  /**
   * Writes down what is not, and stops. A store that does not answer within two seconds is told of and not waited for any
   * longer. The store stays open. May be called again.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#unwatch();
    const ended = Promise.all([this.#attended.close(), this.#sweeper.close()]);
    if (!(await settlesWithin(ended, LONGEST_CLOSING_MS))) {
      this.#storeFailed(storeHangs(this.#store.kind, LONGEST_CLOSING_MS));
    }
    this.#isOver = true;
  }

  /** Nobody wants to hear of a store that was given up. */
  #storeFailed(error: unknown): void {
    if (!this.#isOver) this.#listener.storeFailed(error);
  }

  async #askAndUse(id: string, life: number | undefined): Promise<void> {
    checkSessionId(id);
    this.#refuseIfClosed();
    this.#living(id, await this.#attended.askAndUse(id, life));
    if (life !== undefined && life !== this.lifeOf(id)) throw anotherSession(id);
  }

  async #write(id: string, write: SessionWrite): Promise<Exclude<SessionOutcome, { readonly is: "gone" }>> {
    const outcome = await this.#store.writeSession(id, write, this.#clock.now());
    if (outcome.is === "gone") throw sessionGone(id, await this.#store.readSession(id));
    if (outcome.is === "written") this.#attended.written(outcome.session);
    return outcome;
  }

  /** The session that was asked for, if it is alive. */
  #living(id: string, record: SessionRecord | undefined): SessionRecord {
    if (record !== undefined && this.#attended.has(id)) return record;
    throw sessionGone(id, record);
  }

  #refuseIfClosed(): void {
    if (this.#closed !== undefined) throw hostClosed();
  }
}
