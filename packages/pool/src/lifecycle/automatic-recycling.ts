import type { RecycleReason } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Roster } from "../supervision/roster.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import type { Recycler } from "./recycler.ts";

const BYTES_PER_MIB = 1 << 20;

/** The limits of one worker. */
interface Lifespan {
  readonly endsAt: number;
  readonly maxRequests: number;
  readonly maxRssBytes: number;
}

/**
 * Replaces workers that have reached a limit of the `recycle` options, the oldest slot first and at most a quarter of
 * the workers at the same time. Checks at intervals, so that calls have no overhead.
 */
export class AutomaticRecycling {
  readonly #options: PoolOptions;
  readonly #roster: Roster;
  readonly #recycler: Recycler;
  readonly #reconcileSoon: () => void;
  readonly #lifespans = new WeakMap<PoolWorker, Lifespan>();
  #running = 0;
  /** After a replacement has failed to start, the time of the next attempt. */
  #resumesAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param reconcileSoon performs the replacements that have begun. */
  constructor(options: PoolOptions, roster: Roster, recycler: Recycler, reconcileSoon: () => void) {
    this.#options = options;
    this.#roster = roster;
    this.#recycler = recycler;
    this.#reconcileSoon = reconcileSoon;
  }

  /** Starts the checks, if there is a limit. */
  start(): void {
    const { ttlMs, maxRequests, maxRssMb } = this.#options.recycle;
    if (Math.min(ttlMs, maxRequests, maxRssMb) === Number.POSITIVE_INFINITY) return;
    this.#timer = setInterval(() => this.#check(), this.#options.heartbeatIntervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    for (const slot of this.#roster.slots) {
      // Determines the limits of each worker, also of those that are not replaced yet.
      const reason = slot.state.is === "ready" ? this.#reasonFor(slot.state.worker, now) : undefined;
      if (reason === undefined || now < this.#resumesAt || this.#running >= this.#roster.replaceableAtOnce) continue;
      if (this.#recycler.recyclingOf(slot) === undefined) void this.#replace(slot, reason);
    }
  }

  #reasonFor(worker: PoolWorker, now: number): RecycleReason | undefined {
    const lifespan = this.#lifespanOf(worker);
    if (now >= lifespan.endsAt) return "age";
    if (worker.requests >= lifespan.maxRequests) return "requests";
    return (worker.handle.vitals?.rssBytes ?? 0) > lifespan.maxRssBytes ? "memory" : undefined;
  }

  #lifespanOf(worker: PoolWorker): Lifespan {
    let lifespan = this.#lifespans.get(worker);
    if (lifespan === undefined) {
      const { ttlMs, maxRequests, maxRssMb, jitter } = this.#options.recycle;
      const share = () => 1 - jitter * Math.random();
      lifespan = {
        endsAt: worker.readyAt + ttlMs * share(),
        maxRequests: Math.ceil(maxRequests * share()),
        maxRssBytes: maxRssMb * BYTES_PER_MIB * share(),
      };
      this.#lifespans.set(worker, lifespan);
    }
    return lifespan;
  }

  async #replace(slot: WorkerSlot, reason: RecycleReason): Promise<void> {
    const { worker } = slot;
    if (worker === undefined) return;
    this.#running += 1;
    const recycling = this.#recycler.begin(slot, worker, { reason, graceMs: this.#options.recycle.graceMs });
    this.#reconcileSoon();
    try {
      await recycling.replaced;
    } catch {
      // Reported as `worker.start-failed`. The old worker continues, and the next attempt is not made at once.
      this.#resumesAt = performance.now() + this.#options.backoff.maxMs;
    } finally {
      this.#running -= 1;
    }
  }
}
