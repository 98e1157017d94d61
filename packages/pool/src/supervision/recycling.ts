import { rejectToCaller, SnakepitError, type Unsubscribe, watchAbort } from "@snakepit/core";
import { withOrigin } from "../calls/call-errors.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** How far the replacement of a worker is. */
type RecyclingState =
  /** The replacement is being started; the old worker works on, unless it died meanwhile. */
  | { readonly is: "replacing" }
  /** The replacement works; the old worker finishes its calls. */
  | { readonly is: "relieved"; readonly replacementId: string };

interface Waiter {
  readonly settle: (outcome: string | Promise<never>) => void;
  readonly unwatch: Unsubscribe | undefined;
}

/** The replacement of one worker by another, and those who wait for it. */
export class Recycling {
  readonly pool: string;
  /** The worker that is to go. */
  readonly workerId: string;
  /** Its slot, which goes with it. */
  readonly old: WorkerSlot;
  /** The slot of the replacement. */
  readonly replacement: WorkerSlot;
  readonly since = performance.now();
  state: RecyclingState = { is: "replacing" };
  /** How long the calls of the old worker may go on: the shortest time of all requests. */
  graceMs = Number.POSITIVE_INFINITY;
  readonly #waiters = new Set<Waiter>();

  constructor(pool: string, workerId: string, old: WorkerSlot, replacement: WorkerSlot) {
    this.pool = pool;
    this.workerId = workerId;
    this.old = old;
    this.replacement = replacement;
  }

  /** Whether the old worker has not ended yet. */
  get oldIsAlive(): boolean {
    return this.old.worker !== undefined;
  }

  /** Waits for the end; calls `deserted` when no caller waits any more. */
  wait(signal: AbortSignal | undefined, deserted: () => void): Promise<string> {
    return new Promise((settle) => {
      const giveUp = (reason: unknown) => {
        this.#end(waiter, this.#rejection(recyclingCancelled(this.pool, this.workerId, reason)));
        if (this.#waiters.size === 0) deserted();
      };
      const unwatch = signal && watchAbort(signal, () => giveUp(signal.reason));
      const waiter: Waiter = { settle, unwatch };
      this.#waiters.add(waiter);
    });
  }

  /** The old worker is gone and another has its place. */
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

/** The error of one who does not wait any more. */
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
