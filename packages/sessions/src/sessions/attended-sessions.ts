import type { Clock, SessionRecord, SessionUse, StateStore } from "@snakepit/core";

/** What this host believes of a session that it works for. */
interface Attended {
  ttlMs: number;
  expiresAt: number;
  /** When the store was last asked. */
  verifiedAt: number;
  /** When it was last used, where that is not written down yet. */
  usedAt: number | undefined;
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

/** Milliseconds after which a use is written down, at the latest. */
const LONGEST_DELAY_MS = 1_000;

/**
 * The sessions that calls are made in on this host. A call need not ask the store each time: its use is remembered and
 * written down with others, a quarter of the session's time to live later or a second, whichever is less.
 */
export class AttendedSessions {
  readonly #options: AttendanceOptions;
  readonly #sessions = new Map<string, Attended>();
  readonly #unwritten = new Set<string>();
  #timer: { readonly dueAt: number; readonly handle: NodeJS.Timeout } | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: AttendanceOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  ids(): Iterable<string> {
    return this.#sessions.keys();
  }

  /** Remembers what the store has just said of a living session. */
  learn({ id, ttlMs, expiresAt }: SessionRecord): void {
    const verifiedAt = this.#options.clock.now();
    const known = this.#sessions.get(id);
    if (known === undefined) {
      this.#sessions.set(id, { ttlMs, expiresAt, verifiedAt, usedAt: undefined });
      return;
    }
    known.ttlMs = ttlMs;
    known.expiresAt = Math.max(expiresAt, (known.usedAt ?? 0) + ttlMs);
    known.verifiedAt = verifiedAt;
  }

  /** Counts a use. `false` when the session is not known well enough, and nothing was counted. */
  use(id: string): boolean {
    const known = this.#sessions.get(id);
    if (known === undefined) return false;
    const { clock, store, maxStaleMs } = this.#options;
    const now = clock.now();
    if (now >= known.expiresAt) return false;
    if (store.shared && now - known.verifiedAt >= maxStaleMs) return false;
    known.usedAt = now;
    known.expiresAt = now + known.ttlMs;
    if (!this.#unwritten.has(id)) {
      this.#unwritten.add(id);
      this.#flushIn(Math.min(LONGEST_DELAY_MS, known.ttlMs / 4));
    }
    return true;
  }

  /** A session is over: forgets it and says so, if it was attended. */
  end(id: string): void {
    if (!this.#sessions.delete(id)) return;
    this.#unwritten.delete(id);
    this.#options.ended(id);
  }

  /** Somebody has changed a session, or all of them: asks the store whether they are still alive. */
  async verify(ids: Iterable<string> = [...this.#sessions.keys()]): Promise<void> {
    const { store, clock, failed } = this.#options;
    for (const id of ids) {
      const known = this.#sessions.get(id);
      if (known === undefined) continue;
      known.verifiedAt = Number.NEGATIVE_INFINITY;
      try {
        const record = await store.readSession(id);
        // A use that is not written down yet counts.
        const isAlive =
          record !== undefined && (clock.now() < record.expiresAt || this.#sessions.get(id)?.usedAt !== undefined);
        if (isAlive) this.learn(record);
        else this.end(id);
      } catch (thrown) {
        failed(thrown);
        return;
      }
    }
  }

  /** Writes down every use that is not. Afterwards the store knows what this host knows. */
  flush(): Promise<void> {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /** Sessions that were not used for as long as they live, as far as this host knows. */
  overdue(): string[] {
    const now = this.#options.clock.now();
    return Array.from(this.#sessions).flatMap(([id, { expiresAt }]) => (now >= expiresAt ? [id] : []));
  }

  #flushIn(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#timer !== undefined && this.#timer.dueAt <= dueAt) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => void this.flush(), delayMs);
    // What keeps the process alive is the host, not this.
    handle.unref();
    this.#timer = { dueAt, handle };
  }

  async #write(): Promise<void> {
    const uses: SessionUse[] = [];
    for (const id of this.#unwritten) {
      const known = this.#sessions.get(id);
      if (known?.usedAt === undefined) continue;
      uses.push({ id, usedAt: known.usedAt, lastWorker: this.#options.lastWorkerOf(id) });
      known.usedAt = undefined;
    }
    this.#unwritten.clear();
    if (uses.length === 0) return;
    try {
      await this.#options.store.touchSessions(uses);
    } catch (thrown) {
      this.#takeBack(uses);
      this.#options.failed(thrown);
      this.#flushIn(LONGEST_DELAY_MS);
    }
  }

  /** They could not be written down: later ones count, where there are any. */
  #takeBack(uses: readonly SessionUse[]): void {
    for (const use of uses) {
      const known = this.#sessions.get(use.id);
      if (known === undefined) continue;
      known.usedAt ??= use.usedAt;
      this.#unwritten.add(use.id);
    }
  }
}
