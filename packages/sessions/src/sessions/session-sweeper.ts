import type { Clock, StateStore } from "@snakepit/core";
import type { TrackedSessions } from "./tracked-sessions.ts";

/** Collaborators and settings of a {@link SessionSweeper}. */
export interface SweeperOptions {
  readonly store: Pick<StateStore, "sweepSessions">;
  readonly clock: Clock;
  readonly tracked: TrackedSessions;
  /** Milliseconds between the end of a periodic sweep and the next one; `Infinity` disables them. */
  readonly intervalMs: number;
  /** Called when a periodic sweep failed. The next one still runs. */
  readonly failed: (error: unknown) => void;
}

type SweeperState =
  | { readonly is: "idle" }
  | { readonly is: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly is: "sweeping"; readonly done: Promise<void> }
  | { readonly is: "closed" };

/** The maximum number of sessions that one statement deletes. */
const BATCH = 1_000;

/** Deletes expired sessions: on request, and periodically until it is closed. */
export class SessionSweeper {
  readonly #options: SweeperOptions;
  #state: SweeperState = { is: "idle" };

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#sweepLater();
  }

  /** Sweeps and resolves with the number of deleted sessions. Rejects if uses of sessions could not be persisted. */
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
    // Another host may have deleted or used these sessions.
    await tracked.verify(tracked.overdue());
    return swept;
  }

  /** Stops sweeping and resolves when a periodic sweep in progress has ended. */
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
    // This timer must not keep the process alive; the host does.
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
