/**
 * A time on the monotonic clock (`performance.now()`), in milliseconds; `Infinity` means never. The deadline of a call
 * covers queueing and execution. The remaining time is sent to Python.
 */
export type Deadline = number;

/** Returns the deadline `timeoutMs` from now; `Infinity` for a deadline that never passes. */
export function deadlineIn(timeoutMs: number): Deadline {
  return performance.now() + timeoutMs;
}

/** Returns the milliseconds until the deadline, or 0 if it has passed. */
export function remainingMs(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now());
}

/** Longer timers of Node.js fire immediately, because their delay has 31 bits (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Starts a timer with any delay, including `Infinity`. Delays above the maximum of Node.js, 24 days, are reduced to it.
 */
export function startTimer(run: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS));
}

/** A source of the current time, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** The system clock. */
export const systemClock: Clock = { now: () => Date.now() };
