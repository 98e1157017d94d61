import { type Instrumentation, rejectToCaller, SnakepitError } from "@snakepit/core";
import { Recycling, recyclingCancelled } from "./recycling.ts";
import type { Roster } from "./roster.ts";
import type { Terminations } from "./terminations.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** How a worker is to be recycled. */
export interface RecycleOptions {
  /**
   * Milliseconds that its calls may go on once the replacement works; by default as long as their own deadlines let them.
   * A call that takes longer fails with `WORKER_CRASHED` (`details.recycled` is true).
   */
  readonly graceMs?: number | undefined;
  /** Ends the waiting; when no other caller waits and the replacement is not ready yet, the old worker stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces healthy workers. A replacement gets an additional slot. Once it is ready, the old worker ends and its slot
 * is removed; when the replacement cannot start, its slot is removed, and nothing has changed. When the old worker dies
 * meanwhile, the replacement is simply the next worker of the pool.
 */
export class Recycler {
  readonly #pool: string;
  readonly #roster: Roster;
  readonly #terminations: Terminations;
  readonly #instrumentation: Instrumentation;
  /** Of each, one of the two slots is one too many; it is removed when the recycling leaves this set, or before. */
  readonly #recyclings = new Set<Recycling>();

  constructor(pool: string, roster: Roster, terminations: Terminations, instrumentation: Instrumentation) {
    this.#pool = pool;
    this.#roster = roster;
    this.#terminations = terminations;
    this.#instrumentation = instrumentation;
  }

  /**
   * Requests that a worker be replaced; see {@link WorkerPool.recycle}. A worker that is being replaced already is
   * replaced once. {@link reconcile} does the rest.
   */
  recycle(workerId: string, { signal, graceMs = Number.POSITIVE_INFINITY }: RecycleOptions): Promise<string> {
    const old = this.#roster.slotOf(workerId);
    if (old === undefined) return rejectToCaller(this.#unknown(workerId));
    if (signal?.aborted === true) return rejectToCaller(recyclingCancelled(this.#pool, workerId, signal.reason));
    const recycling = this.#recyclings.values().find((each) => each.old === old) ?? this.#begin(workerId, old);
    recycling.graceMs = Math.min(recycling.graceMs, graceMs);
    return recycling.wait(signal, () => this.#deserted(recycling));
  }

  /** Takes each replacement as far as the slots allow. */
  reconcile(): void {
    for (const recycling of this.#recyclings) {
      const { old, replacement } = recycling;
      if (recycling.state.is === "replacing" && replacement.state.is === "ready") {
        recycling.state = { is: "relieved", replacementId: replacement.state.worker.handle.workerId };
      }
      const { state, oldIsAlive } = recycling;
      if (!oldIsAlive) this.#roster.remove(old);
      if (state.is === "replacing") continue;
      if (oldIsAlive) this.#terminations.retire(old, recycling.graceMs);
      else this.#finish(recycling, state.replacementId);
    }
  }

  /**
   * A start failed.
   *
   * @returns whether it was to replace a worker that is still there, so that the pool lacks nothing.
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

  /** Ends all replacements. */
  close(reason: SnakepitError): void {
    for (const recycling of this.#recyclings) recycling.reject(reason);
    this.#recyclings.clear();
  }

  #begin(workerId: string, old: WorkerSlot): Recycling {
    const recycling = new Recycling(this.#pool, workerId, old, this.#roster.add());
    this.#recyclings.add(recycling);
    return recycling;
  }

  /** No caller waits any more. A worker whose replacement is ready ends all the same. */
  #deserted(recycling: Recycling): void {
    if (recycling.state.is === "relieved" || recycling.replacement.worker !== undefined) return;
    this.#forget(recycling);
    if (!recycling.oldIsAlive) return;
    const reason = new SnakepitError("CANCELLED", `worker "${recycling.workerId}" is not to be recycled any more`);
    this.#terminations.abandon(recycling.replacement, reason);
  }

  /** Gives up replacing a worker; of the two slots, the one that has no worker goes. */
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
      `pool "${this.#pool}" has no worker "${workerId}"; it may be gone already: workers() lists those that are alive`,
      { pool: this.#pool, details: { workerId } },
    );
  }
}
