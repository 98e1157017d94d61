import { type RecycleReason, rejectToCaller, SnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import { withOrigin } from "../calls/call-errors.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";

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
  readonly reason: RecycleReason;
  readonly oldWorker: PoolWorker;
  /** The slot of the old worker, which is removed with it. */
  readonly old: WorkerSlot;
  /** The slot of the replacement. */
  readonly replacement: WorkerSlot;
  readonly since = performance.now();
  /** Whether the pool itself requires the replacement, which then continues without callers that wait. */
  isKept = false;
  /** Whether it was cancelled because the pool has become smaller. */
  isSurplus = false;
  #state: RecyclingState = { is: "replacing" };
  #graceMs = Number.POSITIVE_INFINITY;
  readonly #waiters = new Set<Waiter>();
  readonly #replaced = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();

  constructor(pool: string, reason: RecycleReason, worker: PoolWorker, old: WorkerSlot, replacement: WorkerSlot) {
    this.pool = pool;
    this.reason = reason;
    this.oldWorker = worker;
    this.old = old;
    this.replacement = replacement;
    // Callers use wait(); only the pool itself may wait for these.
    this.#replaced.promise.catch(() => {});
    this.#finished.promise.catch(() => {});
  }

  /** The ID of the old worker. */
  get workerId(): string {
    return this.oldWorker.handle.workerId;
  }

  /** Resolves when the replacement is ready; rejects if it does not become ready. */
  get replaced(): Promise<void> {
    return this.#replaced.promise;
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

  /** Resolves when the old worker has been replaced and has exited; rejects if it is not replaced. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Applies the grace period of another request. */
  limitGrace(graceMs: number): void {
    this.#graceMs = Math.min(this.#graceMs, graceMs);
  }

  /** Records that the replacement is ready. Ignored after the first time. */
  replacementReady(replacementId: string): void {
    if (this.#state.is !== "replacing") return;
    this.#state = { is: "replaced", replacementId };
    this.#replaced.resolve();
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
    this.#finished.resolve();
    for (const waiter of this.#waiters) this.#end(waiter, replacementId);
  }

  reject(error: SnakepitError): void {
    this.#replaced.reject(error);
    this.#finished.reject(error);
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
