import { rejectToCaller, SnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import { withOrigin } from "../calls/call-errors.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** The state of the replacement of a worker. */
type RecyclingState =
  /** The replacement is starting; the old worker continues, unless it has died. */
  | { readonly is: "replacing" }
  /** The replacement is ready; the old worker finishes its calls. */
  | { readonly is: "replaced"; readonly replacementId: string };

interface Waiter {
  readonly settle: (outcome: string | Promise<never>) => void;
  readonly unwatch: Unsubscribe | undefined;
}

/** The replacement of one worker, and the callers that wait for it. */
export class Recycling {
  readonly pool: string;
  /** The ID of the old worker. */
  readonly workerId: string;
  /** The slot of the old worker, which is removed with it. */
  readonly old: WorkerSlot;
  /** The slot of the replacement. */
  readonly replacement: WorkerSlot;
  readonly since = performance.now();
  #state: RecyclingState = { is: "replacing" };
  #graceMs = Number.POSITIVE_INFINITY;
  readonly #waiters = new Set<Waiter>();

  constructor(pool: string, workerId: string, old: WorkerSlot, replacement: WorkerSlot) {
    this.pool = pool;
    this.workerId = workerId;
    this.old = old;
    this.replacement = replacement;
  }

  get state(): RecyclingState {
    return this.#state;
  }

  /** Milliseconds that the calls of the old worker may continue: the minimum of all requests. */
  get graceMs(): number {
    return this.#graceMs;
  }

  /** Whether the old worker has not exited yet. */
  get oldIsAlive(): boolean {
    return this.old.worker !== undefined;
  }

  /** Applies the grace period of another request. */
  limitGrace(graceMs: number): void {
    this.#graceMs = Math.min(this.#graceMs, graceMs);
  }

  /** Records that the replacement is ready. Ignored after the first time. */
  replacementReady(replacementId: string): void {
    if (this.#state.is === "replacing") this.#state = { is: "replaced", replacementId };
  }

  /** Waits for the end of the replacement; calls `noWaiters` when the last waiting caller has given up. */
  wait(signal: AbortSignal | undefined, noWaiters: () => void): Promise<string> {
    return new Promise((settle) => {
      const giveUp = (reason: unknown) => {
        this.#end(waiter, this.#rejection(recyclingCancelled(this.pool, this.workerId, reason)));
        if (this.#waiters.size === 0) noWaiters();
      };
      const unwatch = signal && watchAbort(signal, () => giveUp(signal.reason));
      const waiter: Waiter = { settle, unwatch };
      this.#waiters.add(waiter);
    });
  }

  /** Resolves all callers: the old worker has been replaced. */
  resolve(replacementId: string): void {
    for (const waiter of this.#waiters) this.#end(waiter, replacementId);
  }

  reject(error: SnakepitError): void {
    for (const waiter of this.#waiters) this.#end(waiter, this.#rejection(error));
  }

  #end(waiter: Waiter, outcome: string | Promise<never>): void {
    this.#waiters.delete(waiter);
    waiter.unwatch?.();
    waiter.settle(outcome);
  }

  #rejection(error: SnakepitError): Promise<never> {
    return rejectToCaller(withOrigin(error, { pool: this.pool }));
  }
}

/** The error of a caller whose signal aborted. */
export function recyclingCancelled(pool: string, workerId: string, reason: unknown): SnakepitError {
  return new SnakepitError(
    "CANCELLED",
    `waiting for worker "${workerId}" to be recycled was cancelled by its AbortSignal`,
    {
      pool,
      workerId,
      cause: reason,
    },
  );
}
