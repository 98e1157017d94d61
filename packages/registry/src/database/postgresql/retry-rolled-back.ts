import { setTimeout as delay } from "node:timers/promises";
import { isRolledBack } from "./postgresql-fault.ts";

/** How often something is tried that the server has rolled back. */
const ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Does something again that the server has rolled back because it conflicted with another transaction (serialization
 * failure, deadlock): https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html.
 *
 * @param isOver whether it is not to be tried again.
 */
export async function retryRolledBack<Result>(work: () => Promise<Result>, isOver: () => boolean): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if (!isRolledBack(thrown) || attempt === ATTEMPTS || isOver()) throw thrown;
      await pauseAfter(attempt);
    }
  }
}

/** Waits at random, so that transactions that have met do not meet again. */
export async function pauseAfter(attempt: number): Promise<void> {
  await delay(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
}
