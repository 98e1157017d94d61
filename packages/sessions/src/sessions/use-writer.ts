import type { SessionUse, StateStore } from "@snakepit/core";

/** What is known of the uses of a session. */
export interface UsedSession {
  ttlMs: number;
  expiresAt: number;
  /** Until when it lives as far as the store knows. */
  storedUntil: number;
  /**
   * Uses that the store is not known to know of, the last one at the end. The others are those without which the store
   * would take it for over when it hears of the next: there are none, unless it could not be written to for long.
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
  /** Told that the store could not be written to; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** Milliseconds after which a use is written down, at the latest. */
const LONGEST_DELAY_MS = 1_000;

/**
 * Remembers uses and writes them down together: a quarter of the session's time to live later or a second, whichever is
 * less, and earlier when the store would think before that the session is over.
 */
export class UseWriter {
  readonly #sessions: ReadonlyMap<string, UsedSession>;
  readonly #options: UseWriterOptions;
  /** Those with a use that is to be written down. */
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

  /** A session is over. */
  forget(id: string): void {
    this.#unwritten.delete(id);
  }

  /**
   * Writes down every use that is not, so that the store knows what this host knows. Resolves with the error when it could
   * not, which was told.
   */
  flush(): Promise<unknown> {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /**
   * The workers are about to go, and get no further calls: remembers the last one of each session of which a use is still
   * to be written down, and begins to write.
   */
  workersLeave(): void {
    for (const [id, known] of this.#sessions) {
      if (known.uses.length > 0) known.lastWorker = this.#options.lastWorkerOf(id) ?? known.lastWorker;
    }
    void this.flush();
  }

  /** Writes down what is not, once, and nothing more. */
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
    // A store goes by the last use of each that it is told of together, so the earlier ones are told before.
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
