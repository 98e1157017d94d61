import type { SessionUse, StateStore } from "@snakepit/core";

/** The uses of a session. */
export interface UsedSession {
  ttlMs: number;
  expiresAt: number;
  /** When the session expires according to the store. */
  storedUntil: number;
  /**
   * Uses that may not be persisted; the last one is at the end. Earlier uses are kept only if the store would otherwise
   * consider the session expired at the next use, which happens only when the store could not be written for a long
   * time.
   */
  readonly uses: number[];
  /** The worker of the last use, if it was captured before that worker stopped. */
  lastWorker: string | undefined;
}

/** Collaborators of a {@link UseWriter}. */
export interface UseWriterOptions {
  readonly store: Pick<StateStore, "touchSessions">;
  /** Returns the worker that executed the last call of a session; `undefined` if there was no call. */
  readonly lastWorkerOf: (id: string) => string | undefined;
  /** Called when writing the store failed; it is retried. */
  readonly failed: (error: unknown) => void;
}

/** The maximum delay before a use is persisted, in milliseconds. */
const MAX_DELAY_MS = 1_000;

/**
 * Buffers uses and persists them in batches, after a quarter of the session's time to live but at most a second, and
 * before the session would expire in the store.
 */
export class UseWriter {
  readonly #sessions: ReadonlyMap<string, UsedSession>;
  readonly #options: UseWriterOptions;
  /** Sessions with a use that must be persisted. */
  readonly #unwritten = new Set<string>();
  #timer: { readonly dueAt: number; readonly handle: NodeJS.Timeout } | undefined;
  #flushing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param sessions the active sessions. */
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
    const untilExpiry = Math.max(0, storedUntil - now);
    this.#flushIn(Math.min(MAX_DELAY_MS, ttlMs / 4, untilExpiry / 2));
  }

  /** Discards the pending uses of a session that has ended. */
  forget(id: string): void {
    this.#unwritten.delete(id);
  }

  /**
   * Persists every pending use. On failure, reports the error and resolves with it.
   */
  flush(): Promise<unknown> {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /**
   * Captures the last worker of each session with a pending use, and starts to persist. Called before the workers stop,
   * after the last dispatch.
   */
  persistLastWorkers(): void {
    for (const [id, known] of this.#sessions) {
      if (known.uses.length > 0) known.lastWorker = this.#options.lastWorkerOf(id) ?? known.lastWorker;
    }
    void this.flush();
  }

  /** Persists pending uses in one attempt and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #flushIn(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#isClosed || (this.#timer !== undefined && this.#timer.dueAt <= dueAt)) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => void this.flush(), delayMs);
    // This timer must not keep the process alive; the host does.
    handle.unref();
    this.#timer = { dueAt, handle };
  }

  async #write(): Promise<unknown> {
    const ids = [...this.#unwritten];
    this.#unwritten.clear();
    // A store applies only the last use of each session in a batch, so earlier uses are written first.
    for (let uses = this.#firstUses(ids); uses.length > 0; uses = this.#firstUses(ids)) {
      try {
        await this.#options.store.touchSessions(uses);
      } catch (thrown) {
        for (const { id } of uses) if (this.#sessions.has(id)) this.#unwritten.add(id);
        this.#options.failed(thrown);
        this.#flushIn(MAX_DELAY_MS);
        return thrown;
      }
      for (const use of uses) this.#recordWritten(use);
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

  #recordWritten({ id, usedAt }: SessionUse): void {
    const known = this.#sessions.get(id);
    if (known === undefined) return;
    known.storedUntil = Math.max(known.storedUntil, usedAt + known.ttlMs);
    if (known.uses[0] === usedAt) known.uses.shift();
  }
}
