import { setTimeout as sleep } from "node:timers/promises";
import { tooMuchContention } from "./variable-errors.ts";

/** The maximum number of attempts of a write that conflicts with others. */
const MAX_ATTEMPTS = 100;
/** Attempts without a delay: most writes conflict at most once. */
const IMMEDIATE_ATTEMPTS = 3;
const MAX_DELAY_MS = 20;

/** The attempts of a write that conflicts with other writers. */
export class WriteAttempts {
  readonly #name: string;
  #failed = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Records a conflict and waits before the next attempt: exponential back-off with full jitter, so that a writer with
   * slow attempts is not always last.
   *
   * @returns whether it waited, so that the last known entry may be stale.
   * @throws SnakepitError `INVALID_ARGUMENT` with the reason `version` after a hundred attempts.
   */
  async failed(): Promise<boolean> {
    this.#failed += 1;
    if (this.#failed === MAX_ATTEMPTS) throw tooMuchContention(this.#name, MAX_ATTEMPTS);
    if (this.#failed <= IMMEDIATE_ATTEMPTS) return false;
    await sleep(Math.random() * Math.min(2 ** (this.#failed - IMMEDIATE_ATTEMPTS), MAX_DELAY_MS));
    return true;
  }
}

/** Runs the writes of one host to one variable one at a time, in the order of the calls. */
export class WriteTurns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Runs `work` when all earlier work for any of these keys has finished. `work` must not call `run` itself.
   */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    for (const key of keys) this.#last.set(key, mine);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key);
      done();
    }
  }

  /** The number of keys with pending work. */
  get size(): number {
    return this.#last.size;
  }
}
