import type { Clock, SessionCreation, SessionRecord, StateStore } from "@snakepit/core";
import { SessionReads } from "./session-reads.ts";
import { type UsedSession, UseWriter } from "./use-writer.ts";

/** What this host knows of a session that it works for. */
interface TrackedSession extends UsedSession {
  /** Distinguishes it from a later session with its id. */
  readonly createdAt: number;
  /** See {@link TrackedSessions.generationOf}. */
  readonly generation: number;
  /** When the store was last asked. */
  verifiedAt: number;
}

/** What {@link TrackedSessions} needs. */
export interface TrackingOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** Milliseconds for which a session that other hosts may end is trusted to be unchanged. */
  readonly maxStaleMs: number;
  /** The worker that executed the last call of a session, if one did. */
  readonly lastWorkerOf: (id: string) => string | undefined;
  /** Called when a tracked session has ended, once for each session. */
  readonly ended: (id: string) => void;
  /** Called when the store could not be read or written; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** How often a session is read that changes during each read. */
const MOST_READS = 3;
/** The generation of a session that is not tracked. */
const NO_GENERATION = 0;

/**
 * The sessions that calls of this host use. A call need not ask the store each time: its use is remembered and recorded
 * later, together with others ({@link UseWriter}).
 */
export class TrackedSessions {
  readonly #options: TrackingOptions;
  readonly #sessions = new Map<string, TrackedSession>();
  #lastGeneration = NO_GENERATION;
  readonly #reads = new SessionReads();
  readonly #writer: UseWriter;
  /** Sessions that were reported as changed or ended, and that are to be read. */
  readonly #suspects = new Set<string>();
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
   * Returns a number that distinguishes the session from every other one that has had this id or will have it, as far as
   * this host knows. 0 when it has ended.
   */
  generationOf(id: string): number {
    return this.#sessions.get(id)?.generation ?? NO_GENERATION;
  }

  /**
   * Counts a use. Returns `false`, and counts nothing, when the state of the session has to be read from the store first.
   *
   * @param generation which session is meant; any by default.
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

  /** Creates or finds a session, and counts that as a use. */
  async create(id: string, create: () => Promise<SessionCreation>): Promise<SessionCreation> {
    const { result: creation, changes } = await this.#reads.run(id, create);
    if (creation.is === "over-quota" || this.#isClosed) return creation;
    this.#learn(creation.session);
    this.#countIfKnown(id);
    // A store reports the creation; any further report may be the end of the session.
    if (changes > (creation.is === "created" ? 1 : 0)) this.#suspect([id]);
    return creation;
  }

  /** Reads a session from the store. It is tracked afterwards if it is active, and has ended otherwise. */
  async read(id: string): Promise<SessionRecord | undefined> {
    const record = await this.#readUnchanged(id);
    if (!this.#isClosed) this.#trust(id, record);
    return record;
  }

  /** As {@link read}, and counts a use if the session is active and of the generation that is meant. */
  async readAndUse(id: string, generation?: number): Promise<SessionRecord | undefined> {
    const record = await this.read(id);
    if (generation === undefined || generation === this.generationOf(id)) this.#countIfKnown(id);
    return record;
  }

  /** Remembers what the store has just written. */
  written(record: SessionRecord): void {
    if (this.#sessions.has(record.id) && !this.#isClosed) this.#learn(record);
  }

  /** A session has ended: forgets it and reports the end, if it was tracked. */
  end(id: string): void {
    this.#reads.changed(id);
    if (!this.#sessions.delete(id)) return;
    this.#writer.forget(id);
    this.#options.ended(id);
  }

  /** A session was changed or ended elsewhere. */
  changed(id: string): void {
    this.#reads.changed(id);
    this.#suspect([id]);
  }

  /** Every session may have been changed or ended. */
  everythingChanged(): void {
    this.#reads.everythingChanged();
    this.#suspect(this.#sessions.keys());
  }

  /** Asks the store whether sessions are still active. */
  async verify(ids: Iterable<string>): Promise<void> {
    for (const id of ids) if (!(await this.#verifyOne(id))) return;
  }

  /** See {@link UseWriter.flush}. */
  flush(): Promise<unknown> {
    return this.#writer.flush();
  }

  /** See {@link UseWriter.workersLeave}. */
  workersLeave(): void {
    this.#writer.workersLeave();
  }

  /** When a session expires, uses that are not recorded yet included; `undefined` when it is not tracked. */
  expiryOf(id: string): number | undefined {
    return this.#sessions.get(id)?.expiresAt;
  }

  /** Sessions that have expired as far as this host knows. */
  overdue(): string[] {
    const now = this.#options.clock.now();
    return Array.from(this.#sessions).flatMap(([id, { expiresAt }]) => (now >= expiresAt ? [id] : []));
  }

  /** Records the uses that are not recorded yet, once, and learns nothing more. */
  async close(): Promise<void> {
    this.#state = "closed";
    await this.#writer.close();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Verifies these sessions, each once however often it is reported before its turn comes. */
  #suspect(ids: Iterable<string>): void {
    for (const id of ids) if (this.#sessions.has(id)) this.#suspects.add(id);
    if (this.#state === "idle") void this.#verifySuspects();
  }

  async #verifySuspects(): Promise<void> {
    this.#state = "verifying";
    for (const id of this.#suspects) {
      this.#suspects.delete(id);
      if (!(await this.#verifyOne(id))) this.#suspects.clear();
    }
    if (!this.#isClosed) this.#state = "idle";
  }

  /** Returns whether the store could be read. */
  async #verifyOne(id: string): Promise<boolean> {
    const known = this.#sessions.get(id);
    if (this.#isClosed || known === undefined) return !this.#isClosed;
    known.verifiedAt = Number.NEGATIVE_INFINITY;
    try {
      const record = await this.#options.store.readSession(id);
      // One that has changed meanwhile has its turn again; of one that has ended here enough is known.
      if (!this.#isClosed && this.#sessions.get(id) === known) this.#trust(id, record);
      return true;
    } catch (thrown) {
      if (!this.#isClosed) this.#options.failed(thrown);
      return false;
    }
  }

  #isFresh({ verifiedAt }: TrackedSession, now: number): boolean {
    const { store, maxStaleMs } = this.#options;
    // After the clock was set back its difference to `verifiedAt` means nothing.
    return !store.shared || (verifiedAt <= now && now - verifiedAt < maxStaleMs);
  }

  /** Whether a session is active according to the store's record. A use that is not recorded yet counts. */
  #isActive({ id, createdAt, ttlMs, expiresAt }: SessionRecord): boolean {
    const now = this.#options.clock.now();
    if (now < expiresAt) return true;
    const known = this.#sessions.get(id);
    if (known?.createdAt !== createdAt) return false;
    const [first] = known.uses;
    const last = known.uses.at(-1);
    return first !== undefined && last !== undefined && first < expiresAt && now < last + ttlMs;
  }

  /** The session as the store has it, read again when it changed during the read. */
  async #readUnchanged(id: string): Promise<SessionRecord | undefined> {
    for (let reads = 1; ; reads++) {
      const { result, changes } = await this.#reads.run(id, () => this.#options.store.readSession(id));
      if (changes === 0 || reads === MOST_READS) return result;
    }
  }

  #trust(id: string, record: SessionRecord | undefined): void {
    if (record !== undefined && this.#isActive(record)) this.#learn(record);
    else this.end(id);
  }

  /** Remembers the store's record of an active session. */
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
