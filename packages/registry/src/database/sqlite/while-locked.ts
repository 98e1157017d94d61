import { setTimeout as delay } from "node:timers/promises";
import { isLocked } from "./sqlite-fault.ts";

/** How long SQLite itself waits for a lock, in milliseconds. Short, because it blocks the event loop. */
export const BLOCKING_WAIT_MS = 5;

/** The total time to wait for a lock, in milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;

const MAX_PAUSE_MS = 25;

/**
 * Retries while another process holds the lock of the file, without blocking the event loop.
 *
 * @param timeoutMs milliseconds after which the last error is thrown. Default: 10000.
 * @throws everything that `attempt` throws; the error of SQLite when the file stays locked.
 */
export async function whileLocked<Result>(
  attempt: () => Result | Promise<Result>,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<Result> {
  const until = performance.now() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!isLocked(thrown) || performance.now() > until) throw thrown;
    }
    // A random pause, so that waiting processes do not retry at the same time.
    await delay(pause * (0.5 + Math.random()));
  }
}
