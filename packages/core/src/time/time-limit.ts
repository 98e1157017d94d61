import { startTimer } from "./deadline.ts";

/** Milliseconds by which a timer must be late for data to wait in sockets and pipes that arrived before it was due. */
const LATE_MS = 5;

/**
 * Milliseconds by which a timer must be late to show that this process did not run: it was stopped (SIGSTOP, a frozen
 * container, a suspended machine), or its event loop was blocked.
 */
const PAUSE_MS = 500;

/** Whether a timer that is late by this many milliseconds shows that this process did not run meanwhile. */
export function showsPause(lateMs: number): boolean {
  return lateMs > PAUSE_MS;
}

/**
 * Runs a function for which a timer has fired. If the timer is late, the function runs after sockets and pipes have
 * been read: an event loop that was blocked runs its timers first.
 *
 * @param lateMs milliseconds by which the timer is late.
 * @returns the handle of the delayed run; `undefined` if the function has run.
 */
export function runAfterReading(lateMs: number, run: () => void): NodeJS.Immediate | undefined {
  if (lateMs > LATE_MS) return setImmediate(run);
  run();
  return undefined;
}

/**
 * A time limit for another process, which is ended when the limit is reached. It does not count time in which this
 * process did not run: what the other process has sent meanwhile is not read yet, or the whole machine was suspended.
 * If the timer shows such a pause, the limit begins again.
 */
export class TimeLimit {
  readonly #limitMs: number;
  readonly #reached: () => void;
  #timer: NodeJS.Timeout;
  #reading: NodeJS.Immediate | undefined;
  #dueAt: number;
  #keepsRunning = true;

  /**
   * @param limitMs the limit in milliseconds; `Infinity` for none.
   * @param reached called once, unless the limit is cancelled.
   */
  constructor(limitMs: number, reached: () => void) {
    this.#limitMs = limitMs;
    this.#reached = reached;
    this.#dueAt = performance.now() + limitMs;
    this.#timer = startTimer(this.#onTimer, limitMs);
  }

  /** Milliseconds until the limit is reached; all of them again after a pause of this process. */
  get remainingMs(): number {
    const remainingMs = this.#dueAt - performance.now();
    return showsPause(-remainingMs) ? this.#limitMs : Math.max(0, remainingMs);
  }

  /** Does not keep this process running. */
  unref(): this {
    this.#keepsRunning = false;
    this.#timer.unref();
    return this;
  }

  /** Stops the timer. May be called after the limit was reached. */
  cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#reading);
  }

  readonly #onTimer = (): void => {
    const lateMs = performance.now() - this.#dueAt;
    this.#reading = runAfterReading(lateMs, () => {
      if (showsPause(lateMs)) this.#beginAgain();
      else this.#reached();
    });
  };

  #beginAgain(): void {
    this.#dueAt = performance.now() + this.#limitMs;
    this.#timer = startTimer(this.#onTimer, this.#limitMs);
    if (!this.#keepsRunning) this.#timer.unref();
  }
}

/** Resolves when a {@link TimeLimit} is reached; does not keep this process running. */
export function limitReached(limitMs: number): Promise<undefined> {
  return new Promise((resolve) => {
    new TimeLimit(limitMs, () => resolve(undefined)).unref();
  });
}
