import type { SessionUse, StateStore } from "@snakepit/core";

/** What is known of the uses of a session. */
export interface UsedSession {
  ttlMs: number;
  expiresAt: number;
  /** Until when it lives as far as the store knows. */
  storedUntil: number;
  /**
   * Uses that the store may not know, the last one at the end. The others are those without which the store would
   * consider the session expired at the next one: there are none, unless the store could not be written for long.
   */
  readonly uses: number[];
  /** The worker of the last use, where it was asked for before that worker left. */
  lastWorker: string | undefined;
}

/** What a {@link UseWriter} needs. */
export interface UseWriterOptions {
  readonly store: Pick<StateStore, "touchSessions">;
  /** The worker that executed the last call of a session, if one did. */
  readonly lastWorkerOf: (id: string) => string | undefined;
  /** Called when the store could not be written; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** Milliseconds after which a use is recorded, at the latest. */
const LONGEST_DELAY_MS = 1_000;

/**
 * Remembers uses and records them together: a quarter of the session's time to live later or a second, whichever is
 * less, and earlier when the session would expire in the store before that.
 */
export class UseWriter {
  readonly #sessions: ReadonlyMap<string, UsedSession>;
  readonly #options: UseWriterOptions;
  /** Sessions with a use that is to be recorded. */
  readonly #unwritten = new Set<string>();
  #timer: { readonly dueAt: number; readonly handle: NodeJS.Timeout } | undefined;
  #flushing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param sessions those that are not over. */
  constructor(sessions: ReadonlyMap<string, UsedSession>, options: UseWriterOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  count(id: string, known: UsedSession, now: number): void {
    const { uses, ttlMs, storedUntil } = known;
    const before = uses.length > 1 ? (uses[uses.length - 2] as number) + ttlMs : storedUntil;
    if (uses.length > 0 && now < before) uses[uses.length - 1] = now;
    else uses.push(now);
    known.expiresAt = now + ttlMs;
    if (this.#unwritten.has(id)) return;
    this.#unwritten.add(id);
    const untilOver = Math.max(0, storedUntil - now);
    this.#flushIn(Math.min(LONGEST_DELAY_MS, ttlMs / 4, untilOver / 2));
  }

  /** A session has ended. */
  forget(id: string): void {
    this.#unwritten.delete(id);
  }

  /**
   * Records every use that is not recorded yet, so that the store knows what this host knows. Resolves with the error
   * when that failed, which was reported.
   */
  flush(): Promise<unknown> {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /**
   * The workers are about to end, and get no further calls: remembers the last one of each session with a use that is
   * not recorded yet, and begins to record.
   */
  workersLeave(): void {
    for (const [id, known] of this.#sessions) {
      if (known.uses.length > 0) known.lastWorker = this.#options.lastWorkerOf(id) ?? known.lastWorker;
    }
    void this.flush();
  }

  /** Records what is not recorded yet, once, and nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #flushIn(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#isClosed || (this.#timer !== undefined && this.#timer.dueAt <= dueAt)) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => void this.flush(), delayMs);
    // What keeps the process alive is the host, not this.
    handle.unref();
    this.#timer = { dueAt, handle };
  }

  async #write(): Promise<unknown> {
    const ids = [...this.#unwritten];
    this.#unwritten.clear();
    // A store goes by the last use of each session in a batch, so the earlier uses are written before.
    for (let uses = this.#firstUses(ids); uses.length > 0; uses = this.#firstUses(ids)) {
      try {
        await this.#options.store.touchSessions(uses);
      } catch (thrown) {
        for (const { id } of uses) if (this.#sessions.has(id)) this.#unwritten.add(id);
        this.#options.failed(thrown);
        this.#flushIn(LONGEST_DELAY_MS);
        return thrown;
      }
      for (const use of uses) this.#noteWritten(use);
    }
    return undefined;
  }

  #firstUses(ids: readonly string[]): SessionUse[] {
    const uses: SessionUse[] = [];
    for (const id of ids) {
      const known = this.#sessions.get(id);
      const usedAt = known?.uses[0];
      if (known === undefined || usedAt === undefined) continue;
      uses.push({ id, usedAt, lastWorker: this.#options.lastWorkerOf(id) ?? known.lastWorker });
    }
    return uses;
  }

  #noteWritten({ id, usedAt }: SessionUse): void {
    const known = this.#sessions.get(id);
    if (known === undefined) return;
    known.storedUntil = Math.max(known.storedUntil, usedAt + known.ttlMs);
    if (known.uses[0] === usedAt) known.uses.shift();
  }
}
