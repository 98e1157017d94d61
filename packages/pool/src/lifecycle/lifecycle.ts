import {
  type Instrumentation,
  type PoolSize,
  type ResizeReason,
  rejectToCaller,
  SnakepitError,
  sizeRange,
  type WorkerLauncher,
  watchAbort,
} from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Roster } from "../supervision/roster.ts";
import type { Terminations } from "../supervision/terminations.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import { AutomaticRecycling } from "./automatic-recycling.ts";
import { ElasticSize } from "./elastic-size.ts";
import { HealthChecks } from "./health-checks.ts";
import { type RecycleOptions, Recycler, unknownWorker } from "./recycler.ts";
import { Reloader } from "./reloader.ts";
import { Resizer } from "./resizer.ts";

/** The collaborators of a {@link Lifecycle}. */
export interface LifecycleParts {
  readonly options: PoolOptions;
  readonly launcher: WorkerLauncher;
  readonly scheduler: Scheduler;
  readonly roster: Roster;
  readonly terminations: Terminations;
  readonly instrumentation: Instrumentation;
  /** Compares the intended workers with the real ones soon, and acts. */
  readonly reconcileSoon: () => void;
}

/**
 * Changes which workers a healthy pool has: replaces, removes and adds them, on request or by the options of the pool.
 * Its parts change the slots of the roster; the supervisor starts the workers of new slots.
 */
export class Lifecycle {
  readonly recycler: Recycler;
  readonly reloader: Reloader;
  readonly #parts: LifecycleParts;
  readonly #resizer: Resizer;
  readonly #elastic: ElasticSize;
  readonly #automatic: AutomaticRecycling;
  readonly #checks: HealthChecks;

  constructor(parts: LifecycleParts) {
    const { options, scheduler, roster, terminations, instrumentation, reconcileSoon } = parts;
    this.#parts = parts;
    this.recycler = new Recycler(options.name, roster, terminations, instrumentation, reconcileSoon);
    this.reloader = new Reloader({ ...parts, recycler: this.recycler });
    this.#resizer = new Resizer(options.name, roster, terminations, this.recycler);
    this.#elastic = new ElasticSize(sizeRange(options.size), options.scaling, roster, scheduler, (size, reason) =>
      this.#resize(size, options.recycle.graceMs, reason),
    );
    this.#automatic = new AutomaticRecycling(options, roster, this.recycler, reconcileSoon);
    this.#checks = new HealthChecks(options, roster, scheduler, instrumentation, (slot, worker) => {
      this.recycler.begin(slot, worker, { reason: "unhealthy", graceMs: options.recycle.graceMs });
      reconcileSoon();
    });
  }

  /** Starts what the options of the pool request. */
  start(): void {
    this.#elastic.start();
    this.#automatic.start();
    this.#checks.start();
  }

  /** Adapts the slots to what was requested. */
  reconcile(): void {
    this.recycler.reconcile();
    this.#resizer.reconcile();
  }

  close(reason: SnakepitError): void {
    this.#elastic.stop();
    this.#automatic.stop();
    this.#checks.stop();
    this.reloader.close(reason);
    this.recycler.close(reason);
  }

  /** See {@link WorkerPool.recycle}. */
  recycle(workerId: string, options: RecycleOptions): Promise<string> {
    const recycled = this.recycler.recycle(workerId, options);
    this.#parts.reconcileSoon();
    return recycled;
  }

  /**
   * Replaces a worker with calls that do not stop, if it has others, which continue.
   *
   * @returns `false` if it has no others and must be killed now.
   */
  replacesUnresponsive(slot: WorkerSlot, worker: PoolWorker): boolean {
    if (worker.hasOnlyUnresponsive) return false;
    const { terminations, options, reconcileSoon } = this.#parts;
    if (slot.state.is !== "ready") return true;
    const { graceMs } = options.recycle;
    this.recycler.begin(slot, worker, { reason: "unresponsive", graceMs });
    terminations.retire(slot, "recycled", graceMs);
    reconcileSoon();
    return true;
  }

  /** See {@link WorkerPool.drain}. */
  drain(workerId: string, { graceMs = Number.POSITIVE_INFINITY, signal }: RecycleOptions): Promise<void> {
    const { roster, terminations, options } = this.#parts;
    const slot = roster.slotOf(workerId);
    if (slot?.worker === undefined) return rejectToCaller(unknownWorker(options.name, workerId));
    if (signal?.aborted === true) return rejectToCaller(drainCancelled(options.name, workerId, signal.reason));
    const { exited } = slot.worker.handle;
    terminations.retire(slot, "drained", graceMs);
    return untilAborted(exited, signal, (reason) => drainCancelled(options.name, workerId, reason));
  }

  /**
   * Changes the size of the pool or its limits. An elastic size stays as it is, if the new limits contain it.
   *
   * @returns a promise that resolves when the workers that are surplus now have exited; it never rejects.
   */
  resize(size: PoolSize, graceMs: number): Promise<void> {
    const { min, max } = sizeRange(size);
    this.#elastic.limit({ min, max });
    this.#parts.scheduler.admission.maxSize = max;
    this.#resize(Math.max(min, Math.min(max, this.#parts.roster.size)), graceMs, "requested");
    this.#resizer.reconcile();
    return this.#resizer.surplusGone();
  }

  #resize(size: number, graceMs: number, reason: ResizeReason): void {
    const { roster, instrumentation, options, reconcileSoon } = this.#parts;
    const from = roster.size;
    this.#resizer.resize(size, graceMs);
    if (size !== from) instrumentation.emit("pool.resized", { pool: options.name, from, to: size, reason });
    reconcileSoon();
  }
}

/** Waits for a promise that never rejects, or for the abort of a signal, which rejects. */
function untilAborted(
  promise: Promise<unknown>,
  signal: AbortSignal | undefined,
  errorOf: (reason: unknown) => SnakepitError,
): Promise<void> {
  return new Promise((settle) => {
    const unwatch = signal && watchAbort(signal, () => settle(rejectToCaller(errorOf(signal.reason))));
    void promise.then(() => {
      unwatch?.();
      settle();
    });
  });
}

function drainCancelled(pool: string, workerId: string, cause: unknown): SnakepitError {
  return new SnakepitError("CANCELLED", `waiting for worker "${workerId}" to drain was cancelled by its AbortSignal`, {
    pool,
    workerId,
    cause,
  });
}
