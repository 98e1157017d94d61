/** Node's timers hold 31 bits of milliseconds and fire at once beyond (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `setTimeout` for any duration, `Infinity` included: one longer than Node's timers can wait fires after 24 days. */
export function startTimer(run: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS));
}
