import type { Clock, SessionCreation, SessionRecord, StateStore } from "@snakepit/core";
import { SessionReads } from "./session-reads.ts";
import { type UsedSession, UseWriter } from "./use-writer.ts";

/** The state of a session that calls on this host use. */
interface TrackedSession extends UsedSession {
  /** Distinguishes the session from a later one with the same ID. */
  readonly createdAt: number;
  /** See {@link TrackedSessions.generationOf}. */
  readonly generation: number;
  /** When the session was last read from the store. */
  verifiedAt: number;
}

/** Collaborators and settings of {@link TrackedSessions}. */
export interface TrackingOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** Milliseconds for which the state of a session in a shared store is used without reading it again. */
  readonly maxStaleMs: number;
  /** Returns the worker that executed the last call of a session; `undefined` if there was no call. */
  readonly lastWorkerOf: (id: string) => string | undefined;
  /** Called once when a tracked session has ended. */
  readonly ended: (id: string) => void;
  /** Called when reading or writing the store failed; it is retried. */
  readonly failed: (error: unknown) => void;
}

/** The maximum number of reads of a session that changes during each read. */
const MAX_READS = 3;
/** The generation of a session that is not tracked. */
const NO_GENERATION = 0;

/**
 * The sessions that calls on this host use. Calls do not access the store each time: uses are buffered and persisted in
 * batches ({@link UseWriter}).
 */
export class TrackedSessions {
  readonly #options: TrackingOptions;
  readonly #sessions = new Map<string, TrackedSession>();
  #lastGeneration = NO_GENERATION;
  readonly #reads = new SessionReads();
  readonly #writer: UseWriter;
  /** Sessions that were reported as changed or ended, and must be read again. */
  readonly #unverified = new Set<string>();
  #state: "idle" | "verifying" | "closed" = "idle";

  constructor(options: TrackingOptions) {
    this.#options = options;
    this.#writer = new UseWriter(this.#sessions, options);
  }

  get size(): number {
    return this.#sessions.size;
  }

  ids(): Iterable<string> {
    return this.#sessions.keys();
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /**
   * Returns a number that distinguishes the session from all earlier and later sessions with this ID on this host; 0 if
   * it has ended.
   */
  generationOf(id: string): number {
    return this.#sessions.get(id)?.generation ?? NO_GENERATION;
  }

  /**
   * Counts a use. Returns `false` without counting if the session must be read from the store first.
   *
   * @param generation the required generation; by default any.
   */
  use(id: string, generation?: number): boolean {
    const known = this.#sessions.get(id);
    if (known === undefined || this.#isClosed) return false;
    if (generation !== undefined && generation !== known.generation) return false;
    const now = this.#options.clock.now();
    if (now >= known.expiresAt || !this.#isFresh(known, now)) return false;
    this.#writer.count(id, known, now);
    return true;
  }

  /** Creates or finds a session, which counts as a use. */
  async create(id: string, create: () => Promise<SessionCreation>): Promise<SessionCreation> {
    const { result: creation, changes } = await this.#reads.run(id, create);
    if (creation.is === "over-quota" || this.#isClosed) return creation;
    this.#learn(creation.session);
    this.#countIfKnown(id);
    // A store reports the creation; any further report may be the end of the session.
    if (changes > (creation.is === "created" ? 1 : 0)) this.#verifyLater([id]);
    return creation;
  }

  /** Reads a session from the store. If it is active, it is tracked; otherwise its end is reported. */
  async read(id: string): Promise<SessionRecord | undefined> {
    const record = await this.#readUnchanged(id);
    if (!this.#isClosed) this.#applyRecord(id, record);
    return record;
  }

  /** Like {@link read}, and counts a use if the session is active and has the required generation. */
  async readAndUse(id: string, generation?: number): Promise<SessionRecord | undefined> {
    const record = await this.read(id);
    if (generation === undefined || generation === this.generationOf(id)) this.#countIfKnown(id);
    return record;
  }

  /** Tracks a record that was just written to the store. */
  written(record: SessionRecord): void {
    if (this.#sessions.has(record.id) && !this.#isClosed) this.#learn(record);
  }

  /** Removes a session that has ended and reports its end if it was tracked. */
  end(id: string): void {
    this.#reads.changed(id);
    if (!this.#sessions.delete(id)) return;
    this.#writer.forget(id);
    this.#options.ended(id);
  }

  /** Handles a report that a session was changed or ended on another host. */
  changed(id: string): void {
    this.#reads.changed(id);
    this.#verifyLater([id]);
  }

  /** Handles a report that every session may have been changed or ended. */
  everythingChanged(): void {
    this.#reads.everythingChanged();
    this.#verifyLater(this.#sessions.keys());
  }

  /** Reads from the store whether sessions are still active. */
  async verify(ids: Iterable<string>): Promise<void> {
    for (const id of ids) if (!(await this.#verifyOne(id))) return;
  }

  /** See {@link UseWriter.flush}. */
  flush(): Promise<unknown> {
    return this.#writer.flush();
  }

  /** See {@link UseWriter.persistLastWorkers}. */
  persistLastWorkers(): void {
    this.#writer.persistLastWorkers();
  }

  /** Returns when a session expires, including uses that are not persisted yet; `undefined` if it is not tracked. */
  expiryOf(id: string): number | undefined {
    return this.#sessions.get(id)?.expiresAt;
  }

  /** Returns the sessions that have expired as far as this host knows. */
  overdue(): string[] {
    const now = this.#options.clock.now();
    return Array.from(this.#sessions).flatMap(([id, { expiresAt }]) => (now >= expiresAt ? [id] : []));
  }

  /** Persists pending uses in one attempt and stops tracking. */
  async close(): Promise<void> {
    this.#state = "closed";
    await this.#writer.close();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Verifies these sessions. Reports of a session that is already pending are coalesced. */
  #verifyLater(ids: Iterable<string>): void {
    for (const id of ids) if (this.#sessions.has(id)) this.#unverified.add(id);
    if (this.#state === "idle") void this.#verifyPending();
  }

  async #verifyPending(): Promise<void> {
    this.#state = "verifying";
    for (const id of this.#unverified) {
      this.#unverified.delete(id);
      if (!(await this.#verifyOne(id))) this.#unverified.clear();
    }
    if (!this.#isClosed) this.#state = "idle";
  }

  /** Resolves with whether the store could be read. */
  async #verifyOne(id: string): Promise<boolean> {
    const known = this.#sessions.get(id);
    if (this.#isClosed || known === undefined) return !this.#isClosed;
    known.verifiedAt = Number.NEGATIVE_INFINITY;
    try {
      const record = await this.#options.store.readSession(id);
      // A session that changed during the read is pending again; one that ended on this host needs no update.
      if (!this.#isClosed && this.#sessions.get(id) === known) this.#applyRecord(id, record);
      return true;
    } catch (thrown) {
      if (!this.#isClosed) this.#options.failed(thrown);
      return false;
    }
  }

  #isFresh({ verifiedAt }: TrackedSession, now: number): boolean {
    const { store, maxStaleMs } = this.#options;
    // If the clock was set back, its difference to `verifiedAt` is meaningless.
    return !store.shared || (verifiedAt <= now && now - verifiedAt < maxStaleMs);
  }

  /** Whether a session is active according to its record, including uses that are not persisted yet. */
  #isActive({ id, createdAt, ttlMs, expiresAt }: SessionRecord): boolean {
    const now = this.#options.clock.now();
    if (now < expiresAt) return true;
    const known = this.#sessions.get(id);
    if (known?.createdAt !== createdAt) return false;
    const [first] = known.uses;
    const last = known.uses.at(-1);
    return first !== undefined && last !== undefined && first < expiresAt && now < last + ttlMs;
  }

  /** Resolves with the stored session; reads it again if it changed during the read. */
  async #readUnchanged(id: string): Promise<SessionRecord | undefined> {
    for (let reads = 1; ; reads++) {
      const { result, changes } = await this.#reads.run(id, () => this.#options.store.readSession(id));
      if (changes === 0 || reads === MAX_READS) return result;
    }
  }

  #applyRecord(id: string, record: SessionRecord | undefined): void {
    if (record !== undefined && this.#isActive(record)) this.#learn(record);
    else this.end(id);
  }

  /** Tracks the record of an active session. */
  #learn({ id, createdAt, ttlMs, expiresAt }: SessionRecord): void {
    const verifiedAt = this.#options.clock.now();
    const known = this.#sessions.get(id);
    if (known?.createdAt === createdAt) {
      known.ttlMs = ttlMs;
      known.expiresAt = Math.max(expiresAt, (known.uses.at(-1) ?? Number.NEGATIVE_INFINITY) + ttlMs);
      known.storedUntil = expiresAt;
      known.verifiedAt = verifiedAt;
      return;
    }
    // The session that was tracked under this id has ended without a report.
    this.end(id);
    this.#lastGeneration += 1;
    this.#sessions.set(id, {
      createdAt,
      generation: this.#lastGeneration,
      ttlMs,
      expiresAt,
      storedUntil: expiresAt,
      verifiedAt,
      uses: [],
      lastWorker: undefined,
    });
  }

  #countIfKnown(id: string): void {
    const known = this.#sessions.get(id);
    if (known !== undefined && !this.#isClosed) this.#writer.count(id, known, this.#options.clock.now());
  }
}
