import {
  type Capacity,
  type HostIdentity,
  type HostInspection,
  type HostWorker,
  type MemoryFacts,
  type PoolInspection,
  type PoolTotals,
  type ResolvedPoolConfig,
  type Saturation,
  sizeRange,
  type WorkerRuntime,
} from "@snakepit/core";
import type { ObservedWorker, PoolObservation, PoolStats, WorkerPool } from "@snakepit/pool";
import { machineFacts, type ProcessLoad } from "./machine.ts";
import type { ExaminedPool } from "./recommending/examined-host.ts";
import { recommend } from "./recommending/recommend.ts";
import type { RecentPool, UsageHistory } from "./usage-history.ts";

const MEBIBYTE = 1024 * 1024;
/** The utilization from which a pool counts as saturated. */
export const SATURATION_THRESHOLD = 0.8;

/** A pool and its configuration. */
export interface ConfiguredPool {
  readonly pool: WorkerPool;
  readonly config: ResolvedPoolConfig;
}

/** What an inspection reads. */
export interface InspectionSources {
  readonly host: HostIdentity;
  readonly pools: readonly ConfiguredPool[];
  readonly history: UsageHistory;
  readonly load: ProcessLoad;
  readonly closing: boolean;
  readonly threshold: number;
}

/** Returns the state of a host. */
export function inspectHost(sources: InspectionSources): HostInspection {
  const { host, closing, load } = sources;
  const examined = sources.pools.map((each) => examine(each, sources));
  const pools = examined.map(({ pool }) => pool);
  const machine = machineFacts();
  const at = Date.now();
  return {
    host,
    at,
    uptimeMs: at - host.startedAt,
    closing,
    machine,
    process: { rssBytes: process.memoryUsage.rss(), cpuLoad: load.measure() },
    totals: totalsOf(pools),
    pools,
    recommendations: recommend({ pools: examined, machine, hostLoad: load.measure() }),
  };
}

function examine({ pool, config }: ConfiguredPool, { history, threshold }: InspectionSources): ExaminedPool {
  const observation = pool.observe();
  const stats = pool.stats();
  const recent = history.recent(pool.name, observation, stats);
  return {
    pool: inspectPool({ pool, config }, observation, stats, recent, threshold),
    config,
    recent,
  };
}

function inspectPool(
  { pool, config }: ConfiguredPool,
  { queue, workers }: PoolObservation,
  stats: PoolStats,
  recent: RecentPool | undefined,
  threshold: number,
): PoolInspection {
  const capacity = capacityOf(workers);
  const utilization = capacity.total === 0 ? 0 : capacity.used / capacity.total;
  const loads = workers.flatMap(({ cpuLoad }) => cpuLoad ?? []);
  const threads = workers.flatMap((worker) => worker.threads ?? []);
  const { requests, errors, queueTimeouts, saturated, recycled, crashed } = stats;
  const runtime = workers[0]?.runtime;
  return {
    name: pool.name,
    state: stats.state,
    worker: {
      language: config.worker.language,
      target: config.worker.target,
      ...(runtime !== undefined && { runtime: runtimeData(runtime) }),
    },
    profile: workers[0]?.profile ?? { name: config.profile, metadata: {} },
    size: stats.size,
    // `resize()` may have changed the limits of the configuration.
    sizeRange: { min: Math.min(sizeRange(config.size).min, stats.size), max: pool.maxSize },
    workers: {
      running: stats.workers,
      starting: stats.starting,
      busy: stats.busy,
      available: stats.available,
      stuck: workers.filter(({ activity }) => activity === "stuck").length,
    },
    capacity,
    utilization,
    threads: {
      perWorker: workers[0]?.capacity ?? config.capacity ?? 1,
      library: config.libraryThreads ?? 1,
      ...(threads.length > 0 && { running: sum(threads) }),
    },
    queue,
    saturation: saturationOf(pool.name, recent?.utilization ?? utilization, queue, threshold),
    memory: memoryOf(workers, config),
    ...(loads.length > 0 && { cpuLoad: sum(loads) }),
    counts: { requests, errors, queueTimeouts, saturated, recycled, crashed },
    ...(recent !== undefined && { recent: trafficOf(recent) }),
  };
}

/** Without what only the language package needs. */
function runtimeData({ implementation, version, freeThreaded }: WorkerRuntime): WorkerRuntime {
  return { implementation, version, freeThreaded };
}

function trafficOf({ windowMs, callsPerSecond, errorsPerSecond, utilization, waited, ...rest }: RecentPool) {
  const { averageWaitMs, cpuPerCall } = rest;
  const traffic = { windowMs, callsPerSecond, errorsPerSecond, utilization, waited, averageWaitMs };
  return cpuPerCall === undefined ? traffic : { ...traffic, cpuPerCall };
}

/** Returns how far a pool is from the end of its capacity. */
function saturationOf(
  pool: string,
  utilization: number,
  { length, limit }: PoolObservation["queue"],
  threshold: number,
): Saturation {
  return {
    pool,
    saturated: utilization >= threshold || length > 0,
    threshold,
    utilization,
    queueUtilization: limit === 0 ? 0 : Math.min(1, length / limit),
  };
}

function capacityOf(workers: readonly ObservedWorker[]): Capacity {
  const total = sum(workers.map(({ capacity }) => capacity));
  const used = sum(workers.map(({ load }) => load));
  return { total, used, available: Math.max(0, total - used) };
}

function memoryOf(workers: readonly ObservedWorker[], { recycle, limits }: ResolvedPoolConfig): MemoryFacts {
  const known = workers.flatMap(({ id, rssBytes }) => (rssBytes === undefined ? [] : [[id, rssBytes] as const]));
  const sizes = known.map(([, bytes]) => bytes);
  const totalBytes = sum(sizes);
  const { memoryMb } = limits;
  return {
    totalBytes,
    averageBytes: sizes.length === 0 ? 0 : Math.round(totalBytes / sizes.length),
    minBytes: sizes.length === 0 ? 0 : Math.min(...sizes),
    maxBytes: sizes.length === 0 ? 0 : Math.max(...sizes),
    byWorker: Object.fromEntries(known),
    ...(Number.isFinite(recycle.maxRssMb) && { recycleAtBytes: recycle.maxRssMb * MEBIBYTE }),
    ...(memoryMb !== undefined && { limitBytes: memoryMb * MEBIBYTE }),
  };
}

function totalsOf(pools: readonly PoolInspection[]): PoolTotals {
  const total = (read: (pool: PoolInspection) => number) => sum(pools.map(read));
  return {
    workers: total(({ workers }) => workers.running),
    capacity: {
      total: total(({ capacity }) => capacity.total),
      used: total(({ capacity }) => capacity.used),
      available: total(({ capacity }) => capacity.available),
    },
    queued: total(({ queue }) => queue.length),
    requests: total(({ counts }) => counts.requests),
    errors: total(({ counts }) => counts.errors),
    rssBytes: total(({ memory }) => memory.totalBytes),
  };
}

/** Converts the workers of a pool to plain data. */
export function hostWorkers(pool: WorkerPool): HostWorker[] {
  return pool.observe().workers.map((worker) => {
    const { id, pid, state, activity, profile, load, capacity, ageMs, requests, sessions, calls } = worker;
    const { rssBytes, cpuMs, cpuLoad, threads, sinceProgressMs } = worker;
    // Explicitly, since this is done for up to thousands of workers.
    return {
      id,
      pool: pool.name,
      pid,
      state,
      activity,
      profile,
      load,
      capacity,
      ageMs,
      requests,
      sessions,
      rssBytes,
      cpuMs,
      cpuLoad,
      threads,
      sinceProgressMs,
      calls,
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
