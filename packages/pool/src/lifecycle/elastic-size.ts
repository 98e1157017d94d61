import type { ResizeReason, SizeRange } from "@snakepit/core";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Roster } from "../supervision/roster.ts";
import { IdleTimes } from "./idle-times.ts";

/** When an elastic pool changes its size. */
export interface ScalingTerms {
  readonly growAfterMs: number;
  readonly shrinkAfterMs: number;
}

/**
 * Determines the size of an elastic pool within its limits.
 *
 * It grows when a call has waited for `growAfterMs`: to twice its size, but by no more workers than calls wait, and not
 * while workers are still starting. It shrinks by the workers that had no call for `shrinkAfterMs`. Calls go to the
 * most recently used worker, so the workers that traffic does not need stay idle, and those that it needs now and then
 * do not: the size does not oscillate.
 */
export class ElasticSize {
  readonly #terms: ScalingTerms;
  readonly #roster: Roster;
  readonly #scheduler: Scheduler;
  readonly #resize: (size: number, reason: ResizeReason) => void;
  readonly #idleTimes = new IdleTimes();
  #range: SizeRange;
  #timer: NodeJS.Timeout | undefined;
  /** The number of calls that had ever waited at the last check. */
  #arrivals = 0;
  #outside: unknown;

  /** @param resize changes the size of the pool. */
  constructor(
    range: SizeRange,
    terms: ScalingTerms,
    roster: Roster,
    scheduler: Scheduler,
    resize: (size: number, reason: ResizeReason) => void,
  ) {
    this.#range = range;
    this.#terms = terms;
    this.#roster = roster;
    this.#scheduler = scheduler;
    this.#resize = resize;
  }

  /** Starts to adapt the size, unless it is fixed. */
  start(): void {
    this.stop();
    const { min, max } = this.#range;
    if (min === max) return;
    this.#timer = setInterval(() => this.#check(), this.#terms.growAfterMs);
    this.#timer.unref();
  }

  /** Changes the limits. */
  limit(range: SizeRange): void {
    this.#range = range;
    if (this.#timer !== undefined || range.min < range.max) this.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const { min, max } = this.#range;
    const { size } = this.#roster;
    // Observes all workers, also while calls wait.
    const idle = this.#idleWorkers();
    if (this.#hasWaited()) {
      if (size < max && this.#roster.count("starting") === 0) {
        this.#resize(Math.min(max, size + Math.min(size, this.#scheduler.queued)), "calls-waited");
      }
    } else if (idle > 0 && size > min) {
      this.#resize(Math.max(min, size - idle), "workers-idle");
    }
  }

  /** Whether a call has waited since the last check. */
  #hasWaited(): boolean {
    const { waiting } = this.#scheduler;
    const { first, firstOutside } = waiting;
    const waited =
      (first !== undefined && first.arrival <= this.#arrivals) ||
      (firstOutside !== undefined && firstOutside === this.#outside);
    this.#arrivals = waiting.arrivals;
    this.#outside = firstOutside;
    return waited;
  }

  #idleWorkers(): number {
    const now = performance.now();
    let idle = 0;
    for (const { state } of this.#roster.slots) {
      if (state.is === "ready" && this.#idleTimes.observe(state.worker, now) >= this.#terms.shrinkAfterMs) idle += 1;
    }
    return idle;
  }
}
