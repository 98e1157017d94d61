import { type Instrumentation, rejectToCaller, SnakepitError } from "@snakepit/core";
import { Recycling, recyclingCancelled } from "./recycling.ts";
import type { Roster } from "./roster.ts";
import type { Terminations } from "./terminations.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** Options of {@link WorkerPool.recycle}. */
export interface RecycleOptions {
  /**
   * Milliseconds that active calls may continue after the replacement is ready. Default: no limit except their
   * deadlines. A call that takes longer fails with `WORKER_CRASHED` (`details.recycled` is true).
   */
  readonly graceMs?: number | undefined;
  /** Stops waiting. If no other caller waits and the replacement is not ready yet, the old worker stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces healthy workers. A replacement has an additional slot. Once it is ready, the old worker is stopped and its
 * slot is removed; if the replacement cannot start, its slot is removed, and nothing has changed. If the old worker
 * dies first, the replacement takes its place.
 */
export class Recycler {
  readonly #pool: string;
  readonly #roster: Roster;
  readonly #terminations: Terminations;
  readonly #instrumentation: Instrumentation;
  /** Each recycling has one additional slot, which is removed no later than the recycling. */
  readonly #recyclings = new Set<Recycling>();

  constructor(pool: string, roster: Roster, terminations: Terminations, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.#roster = roster;
    this.#terminations = terminations;
    this.#instrumentation = instrumentation;
  }

  /**
   * Requests the replacement of a worker; see {@link WorkerPool.recycle}. Concurrent requests for one worker are
   * joined. {@link reconcile} performs the replacement.
   */
  recycle(workerId: string, { signal, graceMs = Number.POSITIVE_INFINITY }: RecycleOptions): Promise<string> {
    const old = this.#roster.slotOf(workerId);
    if (old === undefined) return rejectToCaller(this.#unknown(workerId));
    if (signal?.aborted === true) return rejectToCaller(recyclingCancelled(this.#pool, workerId, signal.reason));
    const recycling = this.#recyclings.values().find((each) => each.old === old) ?? this.#begin(workerId, old);
    recycling.limitGrace(graceMs);
    return recycling.wait(signal, () => this.#noWaiters(recycling));
  }

  /** Advances each replacement as far as the states of the slots allow. */
  reconcile(): void {
    for (const recycling of this.#recyclings) {
      const { old, replacement } = recycling;
      if (replacement.state.is === "ready") recycling.replacementReady(replacement.state.worker.handle.workerId);
      const { state, oldIsAlive } = recycling;
      if (!oldIsAlive) this.#roster.remove(old);
      if (state.is === "replacing") continue;
      if (oldIsAlive) this.#terminations.retire(old, recycling.graceMs);
      else this.#finish(recycling, state.replacementId);
    }
  }

  /**
   * Handles a failed start.
   *
   * @returns whether it was the replacement of a worker that still runs, so that no worker is missing.
   */
  startFailed(slot: WorkerSlot, error: SnakepitError): boolean {
    const recycling = this.#recyclings
      .values()
      .find(({ replacement, state }) => replacement === slot && state.is === "replacing");
    if (recycling === undefined) return false;
    this.#forget(recycling);
    recycling.reject(error);
    return recycling.oldIsAlive;
  }

  /** Aborts all replacements. */
  close(reason: SnakepitError): void {
    for (const recycling of this.#recyclings) recycling.reject(reason);
    this.#recyclings.clear();
  }

  #begin(workerId: string, old: WorkerSlot): Recycling {
    const recycling = new Recycling(this.#pool, workerId, old, this.#roster.add());
    this.#recyclings.add(recycling);
    return recycling;
  }

  /** Called when no caller waits. A worker whose replacement is ready is still stopped. */
  #noWaiters(recycling: Recycling): void {
    if (recycling.state.is === "replaced" || recycling.replacement.worker !== undefined) return;
    this.#forget(recycling);
    if (!recycling.oldIsAlive) return;
    const reason = new SnakepitError("CANCELLED", `the recycling of worker "${recycling.workerId}" was cancelled`);
    this.#terminations.abandon(recycling.replacement, reason);
  }

  /** Aborts a replacement and removes the slot without a worker. */
  #forget(recycling: Recycling): void {
    this.#recyclings.delete(recycling);
    this.#roster.remove(recycling.oldIsAlive ? recycling.replacement : recycling.old);
  }

  #finish(recycling: Recycling, replacementId: string): void {
    this.#recyclings.delete(recycling);
    const { workerId, since } = recycling;
    const durationMs = performance.now() - since;
    this.#instrumentation.emit("worker.recycled", { pool: this.#pool, workerId, replacementId, durationMs });
    recycling.resolve(replacementId);
  }

  #unknown(workerId: string): SnakepitError {
    return new SnakepitError(
      "INVALID_ARGUMENT",
      `pool "${this.#pool}" has no worker "${workerId}"; it may have exited; workers() lists the running workers`,
      { pool: this.#pool, details: { workerId } },
    );
  }
}
