import type { Clock, StateStore } from "@snakepit/core";
import type { AttendedSessions } from "./tracked-sessions.ts";

/** What a {@link SessionSweeper} needs. */
export interface SweeperOptions {
  readonly store: Pick<StateStore, "sweepSessions">;
  readonly clock: Clock;
  readonly attended: AttendedSessions;
  /** Milliseconds between the end of a sweep and the next one; `Infinity` never sweeps by itself. */
  readonly intervalMs: number;
  /** Told that a sweep that nobody asked for failed. The next one is tried all the same. */
  readonly failed: (error: unknown) => void;
}

/** Sessions that are swept with one statement. */
const BATCH = 1_000;

/** Deletes sessions that are over: on request, and again and again by itself until it is closed. */
export class SessionSweeper {
  readonly #options: SweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#sweepLater();
  }

  /** Sweeps, and says how many there were. Rejects when it could not be written down which sessions were used. */
  async sweep(): Promise<number> {
    const { store, clock, attended } = this.#options;
    const failure = await attended.flush();
    if (failure !== undefined) throw failure;
    let swept = 0;
    while (!this.#isClosed) {
      const ids = await store.sweepSessions(clock.now(), BATCH);
      swept += ids.length;
      for (const id of ids) attended.end(id);
      if (ids.length < BATCH) break;
    }
    // Those that another host has swept, or that were used elsewhere.
    await attended.verify(attended.overdue());
    return swept;
  }

  /** Begins no further sweep, and resolves when the one that is under way by itself has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  #sweepLater(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweepNow();
    }, intervalMs);
    // What keeps the process alive is the host, not this.
    this.#timer.unref();
  }

  async #sweepNow(): Promise<void> {
    try {
      await this.sweep();
    } catch (thrown) {
      this.#options.failed(thrown);
    }
    this.#sweepLater();
  }
}
