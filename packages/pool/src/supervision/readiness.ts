import { rejectToCaller, SnakepitError, startTimer, type Unsubscribe, watchAbort } from "@snakepit/core";

interface Waiter {
  readonly settle: (outcome: undefined | Promise<never>) => void;
  readonly unwatch: Unsubscribe | undefined;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The progress of the pool, for messages. */
export interface Progress {
  readonly pool: string;
  readonly ready: number;
  readonly size: number;
  readonly failure: SnakepitError | undefined;
}

/** The callers that wait until a pool is ready. */
export class Readiness {
  readonly #waiters = new Set<Waiter>();

  /** Waits until {@link settle} is called, `timeoutMs` pass, or `signal` aborts. */
  wait(timeoutMs: number | undefined, signal: AbortSignal | undefined, progress: () => Progress): Promise<void> {
    if (signal?.aborted === true) return rejectToCaller(cancelled(signal, progress()));
    return new Promise((settle) => {
      const giveUp = (error: SnakepitError) => this.#end(waiter, error);
      const timer =
        timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : startTimer(() => giveUp(tooLate(timeoutMs, progress())), timeoutMs);
      const unwatch = signal && watchAbort(signal, () => giveUp(cancelled(signal, progress())));
      const waiter: Waiter = { settle, unwatch, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Resolves or rejects all waiting callers. */
  settle(error?: SnakepitError): void {
    for (const waiter of this.#waiters) this.#end(waiter, error);
  }

  #end(waiter: Waiter, error: SnakepitError | undefined): void {
    this.#waiters.delete(waiter);
    clearTimeout(waiter.timer);
    waiter.unwatch?.();
    waiter.settle(error === undefined ? undefined : rejectToCaller(error));
  }
}

function tooLate(timeoutMs: number, { pool, ready, size, failure }: Progress): SnakepitError {
  const why = failure === undefined ? "" : `; the latest failure: ${failure.message}`;
  return new SnakepitError(
    "POOL_NOT_READY",
    `pool "${pool}" has ${ready} of ${size} workers after ${timeoutMs} ms; increase timeoutMs${why}`,
    { pool, cause: failure, details: { ready, size, timeoutMs } },
  );
}

function cancelled(signal: AbortSignal, { pool }: Progress): SnakepitError {
  return new SnakepitError("CANCELLED", `waiting for pool "${pool}" was cancelled by its AbortSignal`, {
    pool,
    cause: signal.reason,
  });
}
