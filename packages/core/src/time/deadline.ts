/**
 * A moment on the monotonic clock (`performance.now()`), in milliseconds; `Infinity` is never.
 * One deadline covers a call's queueing and execution; what is left of it travels to Python.
 */
export type Deadline = number;

/** The deadline `timeoutMs` from now; `Infinity` returns one that never passes. */
export function deadlineIn(timeoutMs: number): Deadline {
  return performance.now() + timeoutMs;
}

/** Milliseconds until the deadline, zero when it has passed. */
export function remainingMs(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now());
}

/** Node's timers hold 31 bits of milliseconds and fire at once beyond (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `setTimeout` for any duration, `Infinity` included: one longer than Node's timers can wait fires after 24 days. */
export function startTimer(run: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS));
}

/** A source of the time of day. Tests pass one that they set. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
