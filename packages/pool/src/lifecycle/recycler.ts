import { availableParallelism } from "node:os";
import { type Instrumentation, type RecycleReason, rejectToCaller, SnakepitError } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import type { Roster } from "../supervision/roster.ts";
import type { Terminations } from "../supervision/terminations.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import type { CodeVersion } from "./code-version.ts";
import { Recycling, recyclingCancelled } from "./recycling.ts";
import { ReplacementPacer } from "./replacement-pacer.ts";

/** Why a worker is replaced without delay: later, it may need too much memory, fail calls, or exceed its limit. */
const URGENT: ReadonlySet<RecycleReason> = new Set(["memory", "requests", "unhealthy", "unresponsive"]);

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
 * dies first, the replacement takes its place. Replacements start one after another, at most a quarter of the workers
 * at the same time.
 */
export class Recycler {
  readonly #pool: string;
  readonly #roster: Roster;
  readonly #terminations: Terminations;
  readonly #instrumentation: Instrumentation;
  readonly #reconcileSoon: () => void;
  /** Each recycling has one additional slot, which is removed no later than the recycling. */
  readonly #recyclings = new Set<Recycling>();
  readonly #pacer = new ReplacementPacer(availableParallelism());
  /** The number of workers that were replaced. */
  recycled = 0;

  /** @param reconcileSoon starts the replacements that have waited for another one. */
  constructor(
    pool: string,
    roster: Roster,
    terminations: Terminations,
    instrumentation: Instrumentation,
    reconcileSoon: () => void,
  ) {
    this.#pool = pool;
    this.#roster = roster;
    this.#terminations = terminations;
    this.#instrumentation = instrumentation;
    this.#reconcileSoon = reconcileSoon;
  }

  /**
   * Requests the replacement of a worker; see {@link WorkerPool.recycle}. Concurrent requests for one worker are
   * joined. {@link reconcile} performs the replacement.
   */
  recycle(workerId: string, { signal, graceMs = Number.POSITIVE_INFINITY }: RecycleOptions): Promise<string> {
    const old = this.#roster.slotOf(workerId);
    if (old?.worker === undefined || isSurplus(old)) return rejectToCaller(unknownWorker(this.#pool, workerId));
    if (signal?.aborted === true) return rejectToCaller(recyclingCancelled(this.#pool, workerId, signal.reason));
    const recycling = this.recyclingOf(old) ?? this.#add(old, old.worker, { reason: "requested" });
    recycling.limitGrace(graceMs);
    return recycling.wait(signal, () => this.#noWaiters(recycling));
  }

  /**
   * Begins the replacement of a worker without a caller that waits, or joins the replacement that has begun.
   *
   * @param terms.version the code that the replacement runs, if it is not that of the pool.
   */
  begin(
    old: WorkerSlot,
    worker: PoolWorker,
    terms: { readonly reason: RecycleReason; readonly graceMs: number; readonly version?: CodeVersion | undefined },
  ): Recycling {
    const recycling = this.recyclingOf(old) ?? this.#add(old, worker, terms);
    recycling.isKept = true;
    recycling.limitGrace(terms.graceMs);
    return recycling;
  }

  /** Returns the replacement of the worker of a slot, if one has begun. */
  recyclingOf(old: WorkerSlot): Recycling | undefined {
    return this.#recyclings.values().find((each) => each.old === old);
  }

  /**
   * Returns the milliseconds until the worker of a slot may start: 0 unless it replaces a worker that accepts calls,
   * `Infinity` if other replacements must be ready first.
   *
   * @param answered the number of calls that the pool has answered.
   */
  waitMs(slot: WorkerSlot, now: number, answered: number): number {
    const recycling = this.#runningReplacedBy(slot);
    if (recycling === undefined) return 0;
    const { slots, replaceableAtOnce } = this.#roster;
    const starting = slots.filter((each) => each.state.is === "starting" && this.#runningReplacedBy(each)).length;
    if (starting >= replaceableAtOnce) return Number.POSITIVE_INFINITY;
    return URGENT.has(recycling.reason) ? 0 : this.#pacer.waitMs(now, starting, answered);
  }

  /** Records the start of the worker of a slot. */
  launched(slot: WorkerSlot, now: number, answered: number): void {
    if (this.#runningReplacedBy(slot) !== undefined) this.#pacer.launched(now, answered);
  }

  /** Whether a worker is being replaced, or is a replacement. */
  involves(slot: WorkerSlot): boolean {
    return this.#recyclings.values().some(({ old, replacement }) => old === slot || replacement === slot);
  }

  /**
   * Whether a slot is the second one of a worker and its replacement: at first that of the replacement, and once that
   * is ready, that of the old worker.
   */
  isExtra(slot: WorkerSlot): boolean {
    return this.#recyclings
      .values()
      .some(({ old, replacement, state, oldIsAlive }) =>
        state.is === "replaced" ? slot === old : oldIsAlive && slot === replacement,
      );
  }

  /** Cancels the replacement of a worker if neither is needed any longer. No effect once the replacement is ready. */
  cancel(slot: WorkerSlot, reason: SnakepitError): void {
    const recycling = this.#recyclings
      .values()
      .find(({ old, replacement, state }) => state.is === "replacing" && (old === slot || replacement === slot));
    if (recycling === undefined) return;
    recycling.isSurplus = true;
    this.#forget(recycling);
    recycling.reject(reason);
    this.#terminations.abandon(recycling.replacement, reason);
  }

  /** Advances each replacement as far as the states of the slots allow. */
  reconcile(): void {
    for (const recycling of this.#recyclings) {
      const { old, replacement } = recycling;
      if (replacement.state.is === "ready") recycling.replacementReady(replacement.state.worker.handle.workerId);
      const { state, oldIsAlive } = recycling;
      if (!oldIsAlive) this.#roster.remove(old);
      if (state.is === "replacing") continue;
      if (oldIsAlive) this.#terminations.retire(old, "recycled", recycling.graceMs);
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

  /** Returns the replacement by the worker of a slot, if the old worker still accepts calls. */
  #runningReplacedBy(slot: WorkerSlot): Recycling | undefined {
    return this.#recyclings.values().find(({ replacement, old }) => replacement === slot && old.state.is === "ready");
  }

  #add(
    old: WorkerSlot,
    worker: PoolWorker,
    { reason, version }: { readonly reason: RecycleReason; readonly version?: CodeVersion | undefined },
  ): Recycling {
    const recycling = new Recycling(this.#pool, reason, worker, old, this.#roster.add(version));
    this.#recyclings.add(recycling);
    return recycling;
  }

  /** Called when no caller waits. A worker whose replacement is ready or that the pool replaces is still stopped. */
  #noWaiters(recycling: Recycling): void {
    if (recycling.isKept || recycling.state.is === "replaced" || recycling.replacement.worker !== undefined) return;
    this.#forget(recycling);
    const reason = new SnakepitError("CANCELLED", `the recycling of worker "${recycling.workerId}" was cancelled`);
    recycling.reject(reason);
    if (!recycling.oldIsAlive) return;
    this.#terminations.abandon(recycling.replacement, reason);
  }

  /** Aborts a replacement and removes the slot without a worker. */
  #forget(recycling: Recycling): void {
    this.#recyclings.delete(recycling);
    this.#roster.remove(recycling.oldIsAlive ? recycling.replacement : recycling.old);
    this.#reconcileSoon();
  }

  #finish(recycling: Recycling, replacementId: string): void {
    this.#recyclings.delete(recycling);
    const { workerId, reason, oldWorker, since } = recycling;
    const now = performance.now();
    this.recycled += 1;
    this.#instrumentation.emit("worker.recycled", {
      pool: this.#pool,
      workerId,
      replacementId,
      reason,
      durationMs: now - since,
      uptimeMs: now - oldWorker.readyAt,
      requests: oldWorker.requests,
    });
    recycling.resolve(replacementId);
  }
}

/** The error for a worker that the pool does not have, or no longer. */
export function unknownWorker(pool: string, workerId: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `pool "${pool}" has no worker "${workerId}"; it may have exited; workers() lists the running workers`,
    { pool, details: { workerId } },
  );
}

/** Whether the worker of a slot is being stopped because the pool has become smaller. */
function isSurplus({ state }: WorkerSlot): boolean {
  return (state.is === "draining" || state.is === "stopping") && state.why === "surplus";
}
