import type { StateStore } from "../ports/state-store.ts";
import type { Clock } from "../time/deadline.ts";

/** What a case is given to test a store with: data of its own, empty at first. */
export interface StateStoreBench {
  /**
   * Opens a handle on the data of this bench: a store like that of another host which shares it. A store that cannot be
   * shared is the same object each time. The bench closes what was opened, after the case.
   */
  open(): Promise<StateStore>;
  /** The time that cases go by, for stores with a clock of their own. */
  readonly clock: FakeClock;
}

/** Something that every store has to do. */
export interface StateStoreCase {
  /** What it does, as a sentence. */
  readonly title: string;
  /** Rejects with an `AssertionError` when the store does not. */
  run(bench: StateStoreBench): Promise<void>;
}

/** A clock for tests, which stands still until it is advanced. */
export class FakeClock implements Clock {
  #now = Date.UTC(2030, 0, 1);

  now(): number {
    return this.#now;
  }

  /** Lets so many milliseconds pass. */
  advance(ms: number): void {
    this.#now += ms;
  }
}
