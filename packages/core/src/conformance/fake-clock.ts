import type { Clock } from "../time/deadline.ts";

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
