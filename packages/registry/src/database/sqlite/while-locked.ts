import { setTimeout as delay } from "node:timers/promises";
import { isLocked } from "./sqlite-fault.ts";

/** How long SQLite itself may wait for a lock, in milliseconds. It blocks the event loop meanwhile, so hardly at all. */
export const BLOCKING_WAIT_MS = 5;

/** How long to wait for a lock in all, in milliseconds. */
const PATIENCE_MS = 10_000;

const LONGEST_PAUSE_MS = 25;

/**
 * Tries again while another process holds the lock of the file, without blocking the event loop.
 *
 * @param patienceMs milliseconds after which to give up; 10000 by default.
 * @throws whatever `attempt` throws; SQLite's own error when the file stays locked.
 */
export async function whileLocked<Result>(
  attempt: () => Result | Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!isLocked(thrown) || performance.now() > until) throw thrown;
    }
    // At random, so that many waiting processes do not come back in step.
    await delay(pause * (0.5 + Math.random()));
  }
}
