import type { RecentTraffic } from "@snakepit/core";
import type { ObservedWorker, PoolObservation, PoolStats, WorkerPool } from "@snakepit/pool";

/** Milliseconds between two samples. */
const INTERVAL_MS = 5_000;
/** The number of samples that are kept: those of a minute. */
const KEPT = 12;
/** Milliseconds of the shortest window that shows more than chance. */
const MIN_WINDOW_MS = 500;

/** What a worker has done since its start. */
type WorkerTotals = Pick<ObservedWorker, "executedMs" | "waited" | "waitedMs"> & { readonly cpuMs: number };

/** What a pool has done until a moment. */
interface Sample {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly recycled: number;
  readonly crashed: number;
  readonly saturated: number;
  readonly workers: ReadonlyMap<string, WorkerTotals>;
  /** The calls that its workers could execute at the same time. */
  readonly capacity: number;
}

/** What a pool did recently, with counts of events. */
export interface RecentPool extends RecentTraffic {
  readonly recycled: number;
  readonly crashed: number;
  readonly saturated: number;
}

/**
 * Samples the pools of a host periodically, so that the traffic of the last minute is known at any time. Calls have no
 * overhead: the samples are differences of counters that exist anyway.
 */
export class UsageHistory {
  readonly #pools: Iterable<WorkerPool>;
  readonly #samples = new Map<string, Sample[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(pools: Iterable<WorkerPool>) {
    this.#pools = pools;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Returns what a pool did since the oldest sample; `undefined` while the window is too short. */
  recent(pool: string, observation: PoolObservation, stats: PoolStats): RecentPool | undefined {
    const samples = this.#samples.get(pool);
    const oldest = samples?.[0];
    if (samples === undefined || oldest === undefined) return undefined;
    const now = sampleOf(observation, stats);
    if (now.at - oldest.at < MIN_WINDOW_MS) return undefined;
    return difference([...samples, now]);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const pool of this.#pools) {
      const samples = this.#samples.get(pool.name) ?? [];
      samples.push(sampleOf(pool.observe(), pool.stats()));
      if (samples.length > KEPT) samples.shift();
      this.#samples.set(pool.name, samples);
    }
  }
}

function sampleOf({ workers }: PoolObservation, stats: PoolStats): Sample {
  const { requests, errors, recycled, crashed, saturated } = stats;
  return {
    at: performance.now(),
    requests,
    errors,
    recycled,
    crashed,
    saturated,
    workers: new Map(
      workers.map(({ id, executedMs, waited, waitedMs, cpuMs = 0 }) => [id, { executedMs, waited, waitedMs, cpuMs }]),
    ),
    capacity: workers.reduce((sum, worker) => sum + worker.capacity, 0),
  };
}

/** Returns what happened between the first and the last sample. */
function difference(samples: readonly Sample[]): RecentPool {
  const [first, last] = [samples[0] as Sample, samples.at(-1) as Sample];
  const windowMs = last.at - first.at;
  let [executedMs, capacityMs, cpuMs, waited, waitedMs] = [0, 0, 0, 0, 0];
  for (const [index, sample] of samples.slice(1).entries()) {
    const before = samples[index] as Sample;
    // Workers may have been added in between, with calls that began soon.
    capacityMs += Math.max(before.capacity, sample.capacity) * (sample.at - before.at);
    for (const [id, totals] of sample.workers) {
      const earlier = before.workers.get(id);
      // A worker that ended in between is not counted since the sample before.
      executedMs += Math.max(0, totals.executedMs - (earlier?.executedMs ?? 0));
      waited += totals.waited - (earlier?.waited ?? 0);
      waitedMs += totals.waitedMs - (earlier?.waitedMs ?? 0);
      if (earlier !== undefined) cpuMs += Math.max(0, totals.cpuMs - earlier.cpuMs);
    }
  }
  const perSecond = (count: number) => (count * 1_000) / windowMs;
  return {
    windowMs,
    callsPerSecond: perSecond(last.requests - first.requests),
    errorsPerSecond: perSecond(last.errors - first.errors),
    utilization: capacityMs === 0 ? 0 : Math.min(1, executedMs / capacityMs),
    waited,
    averageWaitMs: waited === 0 ? 0 : waitedMs / waited,
    ...(executedMs > 0 && cpuMs > 0 && { cpuPerCall: cpuMs / executedMs }),
    recycled: last.recycled - first.recycled,
    crashed: last.crashed - first.crashed,
    saturated: last.saturated - first.saturated,
  };
}
