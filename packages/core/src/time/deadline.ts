/**
 * A moment on the monotonic clock (`performance.now()`), in milliseconds; `Infinity` is never.
 * One deadline covers a call's queueing and execution; what is left of it travels to Python.
 */
export type Deadline = number;

/** The deadline `timeoutMs` from now; `Infinity` gives one that never passes. */
export function deadlineIn(timeoutMs: number): Deadline {
  return performance.now() + timeoutMs;
}

/** Milliseconds until the deadline, zero when it has passed. */
export function remainingMs(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now());
}
