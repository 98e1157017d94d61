import type { Clock, SessionCreation, SessionRecord, StateStore } from "@snakepit/core";
import { SessionLooks } from "./session-reads.ts";
import { type UsedSession, UseWriter } from "./use-writer.ts";

/** What this host believes of a session that it works for. */
interface Attended extends UsedSession {
  /** Tells it from a later session with its id. */
  readonly createdAt: number;
  /** See {@link AttendedSessions.lifeOf}. */
  readonly life: number;
  /** When the store was last asked. */
  verifiedAt: number;
}

/** What {@link AttendedSessions} needs. */
export interface AttendanceOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** Milliseconds for which a session that others may end is believed to be as it was. */
  readonly maxStaleMs: number;
  /** The worker that executed the last call of a session, if one did. */
  readonly lastWorkerOf: (id: string) => string | undefined;
  /** Told that a session is over. Once for each session. */
  readonly ended: (id: string) => void;
  /** Told that the store could not be asked or written to; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** How often a session is looked at that changes while it is. */
const MOST_LOOKS = 3;
/** The life of a session that is not attended. No other has it. */
const NO_LIFE = 0;

/**
 * The sessions that calls are made in on this host. A call need not ask the store each time: its use is remembered and
 * written down later, with others ({@link UseWriter}).
 */
export class AttendedSessions {
  readonly #options: AttendanceOptions;
  readonly #sessions = new Map<string, Attended>();
  #lastLife = NO_LIFE;
  readonly #looks = new SessionLooks();
  readonly #writer: UseWriter;
  /** Those of which it was told that they have changed or are over, and that are to be asked for. */
  readonly #suspects = new Set<string>();
  #isVerifying = false;
  #isClosed = false;

  constructor(options: AttendanceOptions) {
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
   * Tells the session from every other one that has had this id or will have it, as far as this host knows: each has a
   * number of its own. 0 when it is over.
   */
  lifeOf(id: string): number {
    return this.#sessions.get(id)?.life ?? NO_LIFE;
  }

  /**
   * Counts a use. `false` when the session is not known well enough, and nothing was counted.
   *
   * @param life which session it has to be, if it may not be any.
   */
  use(id: string, life?: number): boolean {
    const known = this.#sessions.get(id);
    if (known === undefined || this.#isClosed || (life !== undefined && life !== known.life)) return false;
    const now = this.#options.clock.now();
    if (now >= known.expiresAt || !this.#isFresh(known, now)) return false;
    this.#writer.count(id, known, now);
    return true;
  }

  /** Makes or finds a session, and counts that as a use. */
  async create(id: string, create: () => Promise<SessionCreation>): Promise<SessionCreation> {
    const { seen: creation, changes } = await this.#looks.at(id, create);
    if (creation.is === "over-quota" || this.#isClosed) return creation;
    this.#learn(creation.session);
    this.#countIfKnown(id);
    // A store tells that it was made; whatever else it has told may be its end.
    if (changes > (creation.is === "created" ? 1 : 0)) this.#suspect([id]);
    return creation;
  }

  /** Asks the store for a session. Afterwards it is attended if it is alive, and else it is over. */
  async ask(id: string): Promise<SessionRecord | undefined> {
    const record = await this.#look(id);
    if (!this.#isClosed) this.#believe(id, record);
    return record;
  }

  /** As {@link ask}, and counts a use if it is alive and, where `life` says so, the one that is meant. */
  async askAndUse(id: string, life?: number): Promise<SessionRecord | undefined> {
    const record = await this.ask(id);
    if (life === undefined || life === this.lifeOf(id)) this.#countIfKnown(id);
    return record;
  }

  /** Remembers what the store has just written. */
  written(record: SessionRecord): void {
    if (this.#sessions.has(record.id) && !this.#isClosed) this.#learn(record);
  }

  /** A session is over: forgets it and says so, if it was attended. */
  end(id: string): void {
    this.#looks.changed(id);
    if (!this.#sessions.delete(id)) return;
    this.#writer.forget(id);
    this.#options.ended(id);
  }

  /** Somebody has changed or ended a session. */
  changed(id: string): void {
    this.#looks.changed(id);
    this.#suspect([id]);
  }

  /** Every session may have been changed or ended. */
  everythingChanged(): void {
    this.#looks.everythingChanged();
    this.#suspect(this.#sessions.keys());
  }

  /** Asks the store whether sessions are still alive. */
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

  /** Until when a session lives, uses that are not written down yet included; `undefined` when it is not attended. */
  livesUntil(id: string): number | undefined {
    return this.#sessions.get(id)?.expiresAt;
  }

  /** Sessions that were not used for as long as they live, as far as this host knows. */
  overdue(): string[] {
    const now = this.#options.clock.now();
    return Array.from(this.#sessions).flatMap(([id, { expiresAt }]) => (now >= expiresAt ? [id] : []));
  }

  /** Writes down what is not, once, and learns nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer.close();
  }

  /** Verifies these, each once however often it is told of before its turn comes. */
  #suspect(ids: Iterable<string>): void {
    for (const id of ids) if (this.#sessions.has(id)) this.#suspects.add(id);
    if (!this.#isVerifying) void this.#verifySuspects();
  }

  async #verifySuspects(): Promise<void> {
    this.#isVerifying = true;
    for (const id of this.#suspects) {
      this.#suspects.delete(id);
      if (!(await this.#verifyOne(id))) this.#suspects.clear();
    }
    this.#isVerifying = false;
  }

  /** Says whether that was possible. */
  async #verifyOne(id: string): Promise<boolean> {
    const known = this.#sessions.get(id);
    if (this.#isClosed || known === undefined) return !this.#isClosed;
    known.verifiedAt = Number.NEGATIVE_INFINITY;
    try {
      const record = await this.#options.store.readSession(id);
      // One that has changed meanwhile has its turn again; of one that has ended here enough is known.
      if (!this.#isClosed && this.#sessions.get(id) === known) this.#believe(id, record);
      return true;
    } catch (thrown) {
      if (!this.#isClosed) this.#options.failed(thrown);
      return false;
    }
  }

  #isFresh({ verifiedAt }: Attended, now: number): boolean {
    const { store, maxStaleMs } = this.#options;
    // A clock that was set back says nothing of how long ago it was.
    return !store.shared || (verifiedAt <= now && now - verifiedAt < maxStaleMs);
  }

  /** Whether a session is alive of which the store has just said this. A use that is not written down yet counts. */
  #isAlive({ id, createdAt, ttlMs, expiresAt }: SessionRecord): boolean {
    const now = this.#options.clock.now();
    if (now < expiresAt) return true;
    const known = this.#sessions.get(id);
    if (known?.createdAt !== createdAt) return false;
    const [first] = known.uses;
    const last = known.uses.at(-1);
    return first !== undefined && last !== undefined && first < expiresAt && now < last + ttlMs;
  }

  /** The session as the store has it, where it has not changed while it was looked at. */
  async #look(id: string): Promise<SessionRecord | undefined> {
    for (let looks = 1; ; looks++) {
      const { seen, changes } = await this.#looks.at(id, () => this.#options.store.readSession(id));
      if (changes === 0 || looks === MOST_LOOKS) return seen;
    }
  }

  #believe(id: string, record: SessionRecord | undefined): void {
    if (record !== undefined && this.#isAlive(record)) this.#learn(record);
    else this.end(id);
  }

  /** Remembers what the store has just said of a living session. */
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
    // The one with this id that was known is over, which nobody has told.
    this.end(id);
    const life = ++this.#lastLife;
    this.#sessions.set(id, {
      createdAt,
      life,
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
