import type { PoolInspection, RecommendationCode } from "@snakepit/core";
import { expect, test } from "vitest";
import type { RecentPool } from "../usage-history.ts";
import type { ExaminedHost, ExaminedPool } from "./examined-host.ts";
import { recommend } from "./recommend.ts";

const MIB = 1024 * 1024;

const CONFIG = {
  profile: "process",
  cancelGraceMs: 2_000,
  heartbeatTimeoutMs: 10_000,
  queueTimeoutMs: 5_000,
  libraryThreads: undefined,
  recycle: { maxRssMb: Number.POSITIVE_INFINITY },
} as ExaminedPool["config"];

const RECENT: RecentPool = {
  windowMs: 60_000,
  callsPerSecond: 10,
  errorsPerSecond: 0,
  utilization: 0.5,
  waited: 0,
  averageWaitMs: 0,
  cpuPerCall: 0.9,
  recycled: 0,
  crashed: 0,
  saturated: 0,
};

interface Changes {
  readonly pool?: Partial<PoolInspection>;
  readonly recent?: Partial<RecentPool>;
  readonly config?: Partial<ExaminedPool["config"]>;
  readonly machine?: Partial<ExaminedHost["machine"]>;
}

/** Returns a host whose pool has four workers, half of which are busy, on a machine with idle processors. */
function examined({ pool, recent, config, machine }: Changes): ExaminedHost {
  const { utilization } = { ...RECENT, ...recent };
  return {
    hostLoad: 0.1,
    machine: { cores: 8, loadAverage: 1, memoryBytes: 16_000 * MIB, availableMemoryBytes: 8_000 * MIB, ...machine },
    pools: [
      {
        config: { ...CONFIG, ...config },
        recent: { ...RECENT, ...recent },
        pool: {
          name: "ml",
          state: "ready",
          worker: { language: "python", target: "tools.py" },
          profile: { name: "process", metadata: {} },
          size: 4,
          sizeRange: { min: 4, max: 4 },
          workers: { running: 4, starting: 0, busy: 2, available: 2, stuck: 0 },
          capacity: { total: 4, used: 2, available: 2 },
          utilization,
          threads: { perWorker: 1, library: 1 },
          queue: { length: 0, limit: 1_000, oldestMs: 0 },
          saturation: { pool: "ml", saturated: false, threshold: 0.8, utilization, queueUtilization: 0 },
          memory: {
            totalBytes: 400 * MIB,
            averageBytes: 100 * MIB,
            minBytes: 90 * MIB,
            maxBytes: 110 * MIB,
            byWorker: {},
          },
          cpuLoad: 1.8,
          counts: { requests: 1, errors: 0, queueTimeouts: 0, saturated: 0, recycled: 0, crashed: 0 },
          ...pool,
        },
      },
    ],
  };
}

const waiting = { waited: 40, averageWaitMs: 120, utilization: 0.95 };

test("nothing is recommended for a pool that is used well", () => {
  expect(recommend(examined({}))).toEqual([]);
});

test.each<[RecommendationCode, Changes, readonly string[]]>([
  [
    "add-workers",
    { recent: waiting },
    [
      'add workers to pool "ml", for example size: 6',
      "40 calls waited 120 ms on average in the last 60 s",
      "the workers used 95 % of their capacity",
      "1.9 of 8 processors were in use",
      "a worker uses up to 110 MiB, and 8000 MiB are available",
    ],
  ],
  ["add-workers", { recent: waiting, pool: { sizeRange: { min: 2, max: 4 } } }, ["size: { min: 2, max: 6 }"]],
  [
    "add-workers",
    {
      recent: waiting,
      pool: { memory: { totalBytes: 0, averageBytes: 0, minBytes: 0, maxBytes: 0, byWorker: {} } },
    },
    ["8000 MiB of memory are available"],
  ],
  ["machine-is-full", { recent: waiting, machine: { loadAverage: 7.5 } }, ["add processors", "7.5 of 8 processors"]],
  [
    "machine-is-full",
    {
      recent: waiting,
      machine: { availableMemoryBytes: 1_700 * MIB, memoryBytes: 8_000 * MIB },
      pool: {
        memory: {
          totalBytes: 6_000 * MIB,
          averageBytes: 1_500 * MIB,
          minBytes: 1_500 * MIB,
          maxBytes: 1_600 * MIB,
          byWorker: {},
        },
      },
    },
    ["add memory"],
  ],
  [
    "use-async-profile",
    { recent: { ...waiting, cpuPerCall: 0.05 } },
    ['profile: "async"', "the tools used a processor for 5 % of their execution time"],
  ],
  [
    "use-thread-profile",
    {
      pool: {
        worker: {
          language: "python",
          target: "tools.py",
          runtime: { implementation: "cpython", version: "3.14.1", freeThreaded: true },
        },
      },
    },
    [
      'profile: "thread", size: 1, capacity: 4',
      "cpython 3.14.1 runs without the global interpreter lock",
      "4 workers use 400 MiB",
    ],
  ],
  [
    "remove-workers",
    { recent: { utilization: 0.05 } },
    ['pool "ml" would manage with 1 worker; size: { min: 1, max: 4 }', "5 % of the capacity", "300 MiB"],
  ],
  [
    "memory-pressure",
    { machine: { availableMemoryBytes: 800 * MIB } },
    ["800 MiB of 15.6 GiB are available (5 %)", "the workers use 400 MiB"],
  ],
  [
    "memory-limit-near",
    {
      pool: {
        memory: {
          totalBytes: 1,
          averageBytes: 1,
          minBytes: 1,
          maxBytes: 480 * MIB,
          byWorker: {},
          limitBytes: 500 * MIB,
        },
      },
    },
    ["limits.memoryMb", "a worker uses 480 MiB of at most 500 MiB"],
  ],
  [
    "memory-limit-near",
    {
      recent: { recycled: 8 },
      config: { recycle: { ...CONFIG.recycle, maxRssMb: 120 } },
      pool: {
        memory: {
          totalBytes: 1,
          averageBytes: 1,
          minBytes: 1,
          maxBytes: 110 * MIB,
          byWorker: {},
          recycleAtBytes: 120 * MIB,
        },
      },
    },
    ["recycle.maxRssMb", "8 workers were replaced in the last 60 s"],
  ],
  ["library-threads", { config: { libraryThreads: 8 } }, ['set libraryThreads of pool "ml" to 2', "up to 32 threads"]],
  ["calls-rejected", { recent: { saturated: 3 } }, ["3 calls failed with POOL_SATURATED"]],
  [
    "queue-limit-near",
    {
      pool: {
        queue: { length: 900, limit: 1_000, oldestMs: 100 },
        saturation: { pool: "ml", saturated: true, threshold: 0.8, utilization: 0.5, queueUtilization: 0.9 },
      },
    },
    ["900 calls of at most 1000 wait (queueLimit)", "the oldest has waited 100 ms of at most 5000 ms (queueTimeoutMs)"],
  ],
  ["workers-crash", { recent: { crashed: 2 } }, ["2 workers crashed in the last 60 s"]],
  [
    "workers-stuck",
    { pool: { workers: { running: 4, starting: 0, busy: 4, available: 0, stuck: 1 } } },
    ["snakepit stacks", "1 worker did not stop"],
  ],
  ["pool-unavailable", { pool: { state: "degraded" } }, ["the pool is degraded", "4 of 4 workers are running"]],
  ["pool-unavailable", { pool: { state: "failed" } }, ["reload()"]],
])("%s is recommended with its reasons: %j", (code, changes, parts) => {
  const found = recommend(examined(changes)).find((each) => each.code === code);
  expect(found).toBeDefined();
  const text = [found?.message, ...(found?.reasons ?? [])].join("\n");
  for (const part of parts) expect(text).toContain(part);
});

test("problems come before warnings and hints", () => {
  const found = recommend(examined({ recent: { ...waiting, crashed: 1, saturated: 1 } }));
  expect(found.map(({ severity }) => severity)).toEqual(["problem", "problem", "warning"]);
});

test.each<[string, Changes]>([
  ["calls waited briefly", { recent: { ...waiting, averageWaitMs: 2 } }],
  ["the workers were hardly used", { recent: { ...waiting, utilization: 0.3 } }],
  ["the window is short", { recent: { utilization: 0.01, windowMs: 5_000 } }],
  ["the size is elastic", { recent: { utilization: 0.01 }, pool: { sizeRange: { min: 1, max: 4 } } }],
])("nothing is recommended when %s", (_, changes) => {
  expect(recommend(examined(changes))).toEqual([]);
});
