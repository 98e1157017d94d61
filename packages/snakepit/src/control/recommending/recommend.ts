import type { MachineFacts, PoolInspection, Recommendation } from "@snakepit/core";
import type { ExaminedHost, ExaminedPool } from "./examined-host.ts";
import { count, duration, memory, percent } from "./figures.ts";
import { recommendCapacity } from "./recommend-capacity.ts";

/** The part of the machine's memory below which little is available. */
const LITTLE_MEMORY = 0.1;
/** The part of a memory limit from which a worker is near it. */
const NEAR_LIMIT = 0.9;
/** The part of the queue from which its limit is near. */
const QUEUE_NEAR_LIMIT = 0.8;

const SEVERITIES: readonly Recommendation["severity"][] = ["problem", "warning", "hint"];

/** Returns what would help, the most important first. */
export function recommend(host: ExaminedHost): Recommendation[] {
  const found = [
    ...host.pools.flatMap((each) => [
      ...unavailable(each),
      ...endingWorkers(each),
      ...fullQueue(each),
      ...recommendCapacity(each, host),
      ...memoryLimit(each),
      ...libraryThreads(each, host.machine),
    ]),
    ...memoryPressure(host),
  ];
  return found.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function unavailable({ pool }: ExaminedPool): Recommendation[] {
  const { name, state, workers, size } = pool;
  if (state !== "degraded" && state !== "failed") return [];
  const message =
    state === "failed"
      ? `correct the error that keeps workers of pool "${name}" from starting, which its events and the log contain; then call reload()`
      : `find out why workers of pool "${name}" end soon after their start: the events worker.exited and worker.start-failed contain the cause`;
  const reasons = [`the pool is ${state}`, `${workers.running} of ${count(size, "worker")} are running`];
  return [{ code: "pool-unavailable", severity: "problem", pool: name, message, reasons }];
}

function endingWorkers({ pool, recent, config }: ExaminedPool): Recommendation[] {
  const { name, workers } = pool;
  const found: Recommendation[] = [];
  if (workers.stuck > 0) {
    found.push({
      code: "workers-stuck",
      severity: "problem",
      pool: name,
      message: `look at the stacks of the stuck workers of pool "${name}" (snakepit stacks WORKER), and make the tool stop when it is cancelled`,
      reasons: [
        `${count(workers.stuck, "worker")} did not stop a cancelled call, or sent no heartbeat`,
        `they are killed after cancelGraceMs (${duration(config.cancelGraceMs)}) or heartbeatTimeoutMs (${duration(config.heartbeatTimeoutMs)})`,
      ],
    });
  }
  if (recent !== undefined && recent.crashed > 0) {
    found.push({
      code: "workers-crash",
      severity: "problem",
      pool: name,
      message: `find the cause in the exit of the workers of pool "${name}": the event worker.exited has the signal, the last lines of stderr and the stacks`,
      reasons: [`${count(recent.crashed, "worker")} crashed in the last ${duration(recent.windowMs)}`],
    });
  }
  return found;
}

function fullQueue({ pool, recent, config }: ExaminedPool): Recommendation[] {
  const { name, queue, saturation } = pool;
  const waiting = `${count(queue.length, "call")} of at most ${queue.limit} wait (queueLimit)`;
  if (recent !== undefined && recent.saturated > 0) {
    const rejected = `${count(recent.saturated, "call")} failed with POOL_SATURATED in the last ${duration(recent.windowMs)}`;
    const message = `send fewer calls to pool "${name}" at a time, for example with map(), or add workers; a longer queue only delays the rejection`;
    return [
      { code: "calls-rejected", severity: "problem", pool: name, message, reasons: [rejected, waiting, sizes(pool)] },
    ];
  }
  if (saturation.queueUtilization < QUEUE_NEAR_LIMIT) return [];
  const message = `add workers to pool "${name}", or send fewer calls at a time: calls are rejected (POOL_SATURATED) when the queue is full`;
  const oldest = `the oldest has waited ${duration(queue.oldestMs)} of at most ${duration(config.queueTimeoutMs)} (queueTimeoutMs)`;
  return [{ code: "queue-limit-near", severity: "warning", pool: name, message, reasons: [waiting, oldest] }];
}

function sizes({ workers, capacity }: PoolInspection): string {
  return `${count(workers.running, "worker")} execute ${capacity.used} of at most ${capacity.total} calls`;
}

function memoryLimit({ pool, recent, config }: ExaminedPool): Recommendation[] {
  const { name, memory: usage, workers } = pool;
  const { limitBytes, recycleAtBytes, maxBytes } = usage;
  if (limitBytes !== undefined && maxBytes >= limitBytes * NEAR_LIMIT) {
    return [
      {
        code: "memory-limit-near",
        severity: "warning",
        pool: name,
        message: `increase limits.memoryMb of pool "${name}", or recycle workers before they reach it (recycle.maxRssMb): the kernel kills a worker that exceeds it`,
        reasons: [`a worker uses ${memory(maxBytes)} of at most ${memory(limitBytes)} (limits.memoryMb)`],
      },
    ];
  }
  const often = recent !== undefined && recent.windowMs >= 30_000 && recent.recycled >= Math.max(2, workers.running);
  if (!often || recycleAtBytes === undefined || maxBytes < recycleAtBytes * 0.7) return [];
  return [
    {
      code: "memory-limit-near",
      severity: "warning",
      pool: name,
      message: `increase recycle.maxRssMb of pool "${name}", or find what its tools keep in memory: workers are replaced faster than they are useful`,
      reasons: [
        `${count(recent.recycled, "worker")} were replaced in the last ${duration(recent.windowMs)}`,
        `a worker uses ${memory(maxBytes)}, and is replaced from ${config.recycle.maxRssMb} MiB (recycle.maxRssMb)`,
      ],
    },
  ];
}

function libraryThreads({ pool, config }: ExaminedPool, { cores }: MachineFacts): Recommendation[] {
  const { libraryThreads: library = 1 } = config;
  const all = pool.size * library;
  if (library <= 1 || pool.size <= 1 || all <= cores) return [];
  return [
    {
      code: "library-threads",
      severity: "warning",
      pool: pool.name,
      message: `set libraryThreads of pool "${pool.name}" to ${Math.max(1, Math.floor(cores / pool.size))}: more threads than processors only take turns`,
      reasons: [
        `${count(pool.size, "worker")} with ${count(library, "thread")} each compute with up to ${all} threads`,
        `the machine has ${count(cores, "processor")}`,
      ],
    },
  ];
}

function memoryPressure({ pools, machine }: ExaminedHost): Recommendation[] {
  const { availableMemoryBytes: available, memoryBytes: total } = machine;
  if (available >= total * LITTLE_MEMORY) return [];
  const largest = pools.map(({ pool }) => pool).sort((a, b) => b.memory.totalBytes - a.memory.totalBytes)[0];
  const used = pools.reduce((sum, { pool }) => sum + pool.memory.totalBytes, 0);
  const pool = largest === undefined ? "" : `, most of it in pool "${largest.name}"`;
  return [
    {
      code: "memory-pressure",
      severity: "warning",
      message:
        "use fewer workers, limit their memory (recycle.maxRssMb), or add memory: the kernel kills processes soon",
      reasons: [
        `${memory(available)} of ${memory(total)} are available (${percent(available / total)})`,
        `the workers use ${memory(used)}${pool}`,
      ],
    },
  ];
}
