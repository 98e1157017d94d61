import type { PoolInspection, Recommendation } from "@snakepit/core";
import type { RecentPool } from "../usage-history.ts";
import type { ExaminedHost, ExaminedPool } from "./examined-host.ts";
import { count, duration, memory, percent } from "./figures.ts";

/** The mean wait, in milliseconds, from which calls are noticeably delayed. */
const LONG_WAIT_MS = 10;
/** The wait of the oldest call, in milliseconds, from which calls are delayed now. */
const OLD_WAIT_MS = 250;
/** The part of the processors below which some are idle. */
const IDLE_PROCESSORS = 0.75;
/** Processor time per time of execution below which tools mostly wait. */
const MOSTLY_WAITING = 0.3;
/** The part of the capacity below which most of it is unused. */
const MOSTLY_UNUSED = 0.2;
/** Milliseconds that show that capacity is not needed. */
const LONG_WINDOW_MS = 30_000;

/** Recommends more, fewer or other workers. */
export function recommendCapacity(examined: ExaminedPool, host: ExaminedHost): Recommendation[] {
  const { pool, recent } = examined;
  if (pool.workers.running === 0 || pool.state === "closing") return [];
  if (callsWait(pool, recent)) return [...waitingTools(examined), ...moreWorkers(examined, host)];
  return [...fewerWorkers(examined), ...threadsInsteadOfProcesses(examined)];
}

function callsWait({ queue, saturation }: PoolInspection, recent: RecentPool | undefined): boolean {
  if (queue.length > 0 && queue.oldestMs >= OLD_WAIT_MS) return true;
  if (recent === undefined || recent.waited === 0) return false;
  return recent.averageWaitMs >= LONG_WAIT_MS && saturation.utilization >= 0.5;
}

function waitReasons({ queue, saturation }: PoolInspection, recent: RecentPool | undefined): string[] {
  const reasons = [`the workers used ${percent(saturation.utilization)} of their capacity`];
  if (recent !== undefined && recent.waited > 0) {
    const calls = count(recent.waited, "call");
    reasons.unshift(
      `${calls} waited ${duration(recent.averageWaitMs)} on average in the last ${duration(recent.windowMs)}`,
    );
  }
  if (queue.length > 0) {
    reasons.unshift(
      `${count(queue.length, "call waits", "calls wait")} now, the oldest for ${duration(queue.oldestMs)}`,
    );
  }
  return reasons;
}

/** Tools that wait for a network or a disk occupy a whole process each. */
function waitingTools({ pool, recent, config }: ExaminedPool): Recommendation[] {
  if (config.profile !== "process" || recent?.cpuPerCall === undefined || recent.cpuPerCall >= MOSTLY_WAITING)
    return [];
  const used = `the tools used a processor for ${percent(recent.cpuPerCall)} of their execution time; the rest they waited`;
  return [
    {
      code: "use-async-profile",
      severity: "warning",
      pool: pool.name,
      message: `let each worker of pool "${pool.name}" execute several calls at the same time: profile: "async" for tools that are async functions, or profile: "thread" for tools that are thread-safe`,
      reasons: [used, ...waitReasons(pool, recent)],
    },
  ];
}

function moreWorkers({ pool, recent }: ExaminedPool, { pools, machine, hostLoad }: ExaminedHost): Recommendation[] {
  const { cores, availableMemoryBytes: available, loadAverage = 0 } = machine;
  const workersLoad = pools.reduce((sum, each) => sum + (each.pool.cpuLoad ?? 0), 0);
  const usedCores = Math.min(cores, Math.max(workersLoad + hostLoad, loadAverage));
  const perWorker = pool.memory.maxBytes;
  const fits = Math.floor((available * 0.8) / Math.max(perWorker, 1024 * 1024));
  const reasons = [
    ...waitReasons(pool, recent),
    `${usedCores.toFixed(1)} of ${count(cores, "processor")} were in use`,
    // Without a heartbeat, the memory of the workers is not known yet.
    perWorker > 0
      ? `a worker uses up to ${memory(perWorker)}, and ${memory(available)} are available`
      : `${memory(available)} of memory are available`,
  ];
  if (usedCores >= cores * IDLE_PROCESSORS || fits < 1) {
    const lacking = fits < 1 ? "memory" : "processors";
    const message = `more workers would not help pool "${pool.name}": add ${lacking}, make its tools faster, or send fewer calls`;
    return [{ code: "machine-is-full", severity: "warning", pool: pool.name, message, reasons }];
  }
  const size = pool.sizeRange.max + Math.max(1, Math.min(fits, Math.ceil(pool.sizeRange.max / 2)));
  const setting =
    pool.sizeRange.min < pool.sizeRange.max ? `size: { min: ${pool.sizeRange.min}, max: ${size} }` : `size: ${size}`;
  const message = `add workers to pool "${pool.name}", for example ${setting}`;
  return [{ code: "add-workers", severity: "warning", pool: pool.name, message, reasons }];
}

/** Without a global lock, one process computes on all processors, and has its libraries and models once. */
function threadsInsteadOfProcesses({ pool, config }: ExaminedPool): Recommendation[] {
  const { runtime } = pool.worker;
  if (runtime === undefined || !runtime.freeThreaded || config.profile !== "process" || pool.size < 2) return [];
  return [
    {
      code: "use-thread-profile",
      severity: "hint",
      pool: pool.name,
      message: `if the tools of pool "${pool.name}" are thread-safe, one worker can execute all calls: profile: "thread", size: 1, capacity: ${pool.size}`,
      reasons: [
        `${runtime.implementation} ${runtime.version} runs without the global interpreter lock`,
        `${count(pool.workers.running, "worker")} use ${memory(pool.memory.totalBytes)}`,
      ],
    },
  ];
}

function fewerWorkers({ pool, recent }: ExaminedPool): Recommendation[] {
  const { name, size, sizeRange, memory: usage, workers } = pool;
  const isElastic = sizeRange.min < sizeRange.max;
  if (recent === undefined || recent.windowMs < LONG_WINDOW_MS || isElastic || size < 2) return [];
  if (recent.waited > 0 || recent.utilization >= MOSTLY_UNUSED || workers.starting > 0) return [];
  const enough = Math.max(1, Math.ceil((recent.utilization * size) / 0.5));
  if (enough >= size) return [];
  const saved = memory(usage.averageBytes * (size - enough));
  return [
    {
      code: "remove-workers",
      severity: "hint",
      pool: name,
      message: `pool "${name}" would manage with ${count(enough, "worker")}; size: { min: ${enough}, max: ${size} } adapts to the traffic`,
      reasons: [
        `${percent(recent.utilization)} of the capacity was in use in the last ${duration(recent.windowMs)}, and no call waited`,
        `${count(size - enough, "worker")} less would free ${saved}`,
      ],
    },
  ];
}
