import type { ResolvedConfig, ResolvedPoolConfig } from "@snakepit/core";
import type { ObservedWorker, WorkerPool } from "@snakepit/pool";
import type { HostReadings, PoolReading, WorkerReading } from "@snakepit/telemetry";
import { PACKAGE_VERSION } from "../package-version.ts";
import type { HostState } from "../state/host-state.ts";

const MEBIBYTE = 1024 * 1024;

/** Returns what the metrics of a host read from it. */
export function hostReadings(
  config: ResolvedConfig,
  pools: ReadonlyMap<string, WorkerPool>,
  state: HostState,
  startedAt: number,
): HostReadings {
  return {
    version: PACKAGE_VERSION,
    startedAt,
    sessions: () => state.sessions.trackedCount,
    pools: () => Array.from(pools, ([name, pool]) => readPool(pool, config.pools[name])),
  };
}

function readPool(pool: WorkerPool, config: ResolvedPoolConfig | undefined): PoolReading {
  const { queue, workers } = pool.observe();
  const { state, size, starting, active, queueTimeouts, saturated, crashed } = pool.stats();
  const memoryMb = config?.limits.memoryMb;
  const recycleMb = config?.recycle.maxRssMb;
  return {
    pool: pool.name,
    state,
    size,
    starting,
    active,
    capacity: workers.reduce((total, worker) => total + worker.capacity, 0),
    load: workers.reduce((total, worker) => total + worker.load, 0),
    queued: queue.length,
    queueLimit: queue.limit,
    oldestMs: queue.oldestMs,
    queueTimeouts,
    saturated,
    crashed,
    memoryLimitBytes: memoryMb === undefined ? undefined : memoryMb * MEBIBYTE,
    recycleAtBytes: recycleMb === undefined || !Number.isFinite(recycleMb) ? undefined : recycleMb * MEBIBYTE,
    workers: workers.map(readWorker),
  };
}

function readWorker({ id, state, activity, ageMs, rssBytes, cpuLoad, threads, calls }: ObservedWorker): WorkerReading {
  return {
    id,
    state: state === "ready" ? activity : "leaving",
    // A worker is stuck because of a call that it does not stop, or because it sends nothing.
    isLate: activity === "stuck" && calls.every((call) => call.state !== "cancelling"),
    ageMs,
    rssBytes,
    cpuLoad,
    threads,
  };
}
