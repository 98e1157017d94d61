import type { Clock, StateStore } from "@snakepit/core";
import type { TrackedSessions } from "./tracked-sessions.ts";

/** What a {@link SessionSweeper} needs. */
export interface SweeperOptions {
  readonly store: Pick<StateStore, "sweepSessions">;
  readonly clock: Clock;
  readonly tracked: TrackedSessions;
  /** Milliseconds between the end of a periodic sweep and the next one; `Infinity` disables them. */
  readonly intervalMs: number;
  /** Called when a periodic sweep failed. The next one is tried all the same. */
  readonly failed: (error: unknown) => void;
}

type SweeperState =
  | { readonly is: "idle" }
  | { readonly is: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly is: "sweeping"; readonly done: Promise<void> }
  | { readonly is: "closed" };

/** Sessions that are swept with one statement. */
const BATCH = 1_000;

/** Deletes expired sessions: on request, and periodically until it is closed. */
export class SessionSweeper {
  readonly #options: SweeperOptions;
  #state: SweeperState = { is: "idle" };

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#sweepLater();
  }

  /** Sweeps, and returns the number of deleted sessions. Rejects when the uses of sessions could not be recorded. */
  async sweep(): Promise<number> {
    const { store, clock, tracked } = this.#options;
    const failure = await tracked.flush();
    if (failure !== undefined) throw failure;
    let swept = 0;
    while (this.#state.is !== "closed") {
      const ids = await store.sweepSessions(clock.now(), BATCH);
      swept += ids.length;
      for (const id of ids) tracked.end(id);
      if (ids.length < BATCH) break;
    }
    // Those that another host has swept, or that were used elsewhere.
    await tracked.verify(tracked.overdue());
    return swept;
  }

  /** Begins no further sweep, and resolves when a periodic sweep in progress has ended. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { is: "closed" };
    if (state.is === "waiting") clearTimeout(state.timer);
    if (state.is === "sweeping") await state.done;
  }

  #sweepLater(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === Number.POSITIVE_INFINITY || this.#state.is === "closed") return;
    const timer = setTimeout(() => {
      this.#state = { is: "sweeping", done: this.#sweepNow() };
    }, intervalMs);
    // The host keeps the process alive, not this timer.
    timer.unref();
    this.#state = { is: "waiting", timer };
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
