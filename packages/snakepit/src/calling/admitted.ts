import { remainingMs, startTimer, watchAbort } from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";

/**
 * Waits until it is known whether a call may be made in its session, and no longer than the caller does: once the caller has
 * given up there is nothing to wait for, and the pool refuses the call with what has come first.
 *
 * @throws SnakepitError what the admission rejects with.
 */
export function admitted(admission: Promise<void>, { signal, deadline }: PoolCall): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settled = () => {
      unwatch?.();
      clearTimeout(timer);
    };
    const done = () => {
      settled();
      resolve();
    };
    const unwatch = signal && watchAbort(signal, done);
    // Timers may fire a little early; the pool must see that the deadline has passed.
    const timer = deadline === Number.POSITIVE_INFINITY ? undefined : startTimer(done, remainingMs(deadline) + 2);
    admission.then(done, (thrown: unknown) => {
      settled();
      reject(thrown);
    });
  });
}
