import type { StateStore } from "../ports/state-store.ts";
import type { Clock } from "../time/deadline.ts";

/** Opens handles on one store for a test case. The store is empty at first and not shared with other cases. */
export interface StateStoreBench {
  /**
   * Opens a handle on the store of this bench, like another host that shares the store. For a store that cannot be
   * shared, this is always the same object. The bench closes its handles after the case.
   */
  open(): Promise<StateStore>;
  /** The clock of the cases, for stores that require a clock. */
  readonly clock: FakeClock;
}

/** A test case that every store must pass. */
export interface StateStoreCase {
  /** The expected behavior, as a sentence. */
  readonly title: string;
  /** Rejects with an `AssertionError` if the store fails the case. */
  run(bench: StateStoreBench): Promise<void>;
}

/** A clock for tests, which changes only when it is advanced. */
export class FakeClock implements Clock {
  #now = Date.UTC(2030, 0, 1);

  now(): number {
    return this.#now;
  }

  /** Advances the clock by `ms` milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }
}
