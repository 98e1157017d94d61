import {
  type Instrumentation,
  type ResolvedRetry,
  SnakepitError,
  startTimer,
  toSnakepitError,
  watchAbort,
} from "@snakepit/core";
import type { PoolCall } from "@snakepit/pool";
import { isRetried } from "./failure-meanings.ts";

/** Makes one attempt of a call. */
export type Attempt = (call: PoolCall) => Promise<unknown>;

/** Executes the calls of a pool that may be executed twice, again when an attempt fails. */
export class Retrier {
  readonly #settings: ResolvedRetry;
  readonly #instrumentation: Instrumentation;
  /** Ends a delay before its time. */
  readonly #delays = new Set<() => void>();

  constructor(settings: ResolvedRetry, instrumentation: Instrumentation) {
    this.#settings = settings;
    this.#instrumentation = instrumentation;
  }

  /** Whether a failed call is ever attempted again. */
  get isEnabled(): boolean {
    return this.#settings.attempts > 1;
  }

  /**
   * Makes attempts until one succeeds. The deadline and the signal of the call apply to all attempts together. A call
   * whose first attempt fails with `WORKER_CRASHED` is attempted again at once; delays precede all other attempts.
   *
   * @param pool the name of the pool, for the event.
   * @throws SnakepitError the error of the last attempt; after several, `details.attempts` is their number, and
   *   `details.earlier` has the codes and messages of the others.
   */
  async execute(call: PoolCall, pool: string, attempt: Attempt): Promise<unknown> {
    const { tool, correlationId, sessionId, deadline, signal } = call;
    const earlier: SnakepitError[] = [];
    let delays = 0;
    for (;;) {
      try {
        return await attempt(call);
      } catch (thrown) {
        const error = toSnakepitError(thrown);
        const failed = earlier.length + 1;
        // The worker is gone, but others may be idle. What ends a second one probably ends more, so that has to wait.
        const isImmediate = failed === 1 && error.code === "WORKER_CRASHED";
        const delayMs = isImmediate ? 0 : retryDelayMs(delays + 1, this.#settings, Math.random());
        const isLast = failed >= this.#settings.attempts || !isRetried(error);
        if (isLast || signal?.aborted === true || performance.now() + delayMs >= deadline) {
          throw withAttempts(error, earlier);
        }
        earlier.push(error);
        this.#instrumentation.emit("call.retried", {
          pool,
          tool,
          correlationId,
          sessionId,
          attempt: failed + 1,
          delayMs,
          error,
        });
        if (isImmediate) continue;
        delays += 1;
        await this.#delay(delayMs, signal);
      }
    }
  }

  /** Ends all delays: their calls are attempted now. To be called when the pool is closing, which rejects them. */
  endDelays(): void {
    for (const end of this.#delays) end();
  }

  /** Resolves after a time, when `signal` aborts, or when the delays are ended. */
  #delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        unwatch?.();
        this.#delays.delete(end);
        resolve();
      };
      const timer = startTimer(end, ms);
      const unwatch = signal && watchAbort(signal, end);
      this.#delays.add(end);
    });
  }
}

/**
 * Returns the milliseconds before the next attempt. Each delay is twice as long as the previous one, up to `maxMs`;
 * `jitter` is the part of it that is random.
 *
 * @param number the number of the delay, from 1.
 * @param random from 0 to 1.
 */
export function retryDelayMs(number: number, { initialMs, maxMs, jitter }: ResolvedRetry, random: number): number {
  const delayMs = Math.min(initialMs * 2 ** (number - 1), maxMs);
  return delayMs * (1 - jitter * random);
}

/** Returns the error of the last attempt with those of the earlier ones; the error itself after the first attempt. */
function withAttempts(error: SnakepitError, earlier: readonly SnakepitError[]): SnakepitError {
  if (earlier.length === 0) return error;
  const attempts = earlier.length + 1;
  const { code, message, cause, details, retryable, python, hostException } = error;
  const { pool, workerId, callId, sessionId, traceId } = error;
  return new SnakepitError(code, `${message} (after ${attempts} attempts)`, {
    cause,
    retryable,
    details: {
      ...details,
      attempts,
      earlier: earlier.map((each) => ({ code: each.code, message: each.message, workerId: each.workerId })),
    },
    ...(python !== undefined && { python }),
    ...(hostException !== undefined && { hostException }),
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(callId !== undefined && { callId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(traceId !== undefined && { traceId }),
  });
}
