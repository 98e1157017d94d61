import { availableParallelism } from "node:os";
import * as v from "valibot";
import type { WorkerSpec } from "../ports/worker-spec.ts";
import { type Fallback, fallbackProblem } from "./fallback.ts";
import type {
  ResolvedBackoff,
  ResolvedChurn,
  ResolvedCircuit,
  ResolvedHealthCheck,
  ResolvedLimits,
  ResolvedPoison,
  ResolvedPoolConfig,
  ResolvedRecycle,
  ResolvedRestart,
  ResolvedRetry,
  ResolvedScaling,
  ResolvedToolSettings,
} from "./gen/config-types.ts";
import { asWorker, isWorkerSpec } from "./misplaced.ts";
import type { OptionTable } from "./option.ts";
import {
  duration,
  flag,
  fraction,
  group,
  integer,
  limit,
  namedGroups,
  nonEmptyString,
  optionalGroup,
  optionalNumber,
} from "./option-kinds.ts";
import { poolSize } from "./pool-size.ts";
import { PROFILE_OPTIONS } from "./profile-options.ts";
import { CHURN_OPTIONS, CIRCUIT_OPTIONS, POISON_OPTIONS, RETRY_OPTIONS } from "./resilience-options.ts";
import { TOOL_OPTIONS } from "./tool-options.ts";

/** The options of a pool. Their types, defaults and documentation are generated from this table. */
export const POOL_OPTIONS = {
  worker: {
    doc: "The target that the workers run.",
    example: 'worker: python("./tools.py")',
    expects: "a worker",
    inputType: "WorkerSpec",
    resolvedType: "WorkerSpec",
    schema: v.custom<WorkerSpec>(isWorkerSpec),
    remedy: (value) => `write \`worker: ${asWorker(value)}\``,
  },
  size: poolSize({
    doc: "Number of workers in the pool, or its limits: a pool with `{ min, max }` adds workers when calls wait, and removes those that are idle (see `scaling`).",
    example: "size: 4",
    fallback: { value: () => 2 * availableParallelism(), text: "2 × the cores" },
  }),
  ...PROFILE_OPTIONS,
  scaling: group<ResolvedScaling>({
    doc: "When a pool with `size: { min, max }` changes its number of workers.",
    example: 'scaling: { growAfterMs: "50ms", shrinkAfterMs: "10m" }',
    inputType: "ScalingConfig",
    resolvedType: "ResolvedScaling",
    group: {
      growAfterMs: duration({
        doc: "Time that a call waits for a worker before the pool adds workers: as many as it has, but not more than calls wait.",
        example: 'growAfterMs: "50ms"',
        minMs: 10,
        fallback: 100,
      }),
      shrinkAfterMs: duration({
        doc: "Time without a call after which a worker is removed.",
        example: 'shrinkAfterMs: "10m"',
        minMs: 100,
        fallback: 60_000,
      }),
    },
  }),
  batchSize: integer({
    doc: "Maximum number of workers that start at the same time.",
    example: "batchSize: 16",
    min: 1,
    max: 10_000,
    fallback: 64,
  }),
  batchDelayMs: duration({
    doc: "Delay between two batches of starts.",
    example: 'batchDelayMs: "100ms"',
    minMs: 0,
    fallback: 0,
  }),
  queueLimit: integer({
    doc: "Maximum number of calls that wait for a worker. Further calls fail immediately with `POOL_SATURATED`.",
    example: "queueLimit: 5000",
    min: 0,
    max: 10_000_000,
    fallback: 1_000,
  }),
  queueTimeoutMs: duration({
    doc: "Maximum time that a call waits for a worker. It then fails with `QUEUE_TIMEOUT`.",
    example: 'queueTimeoutMs: "10s"',
    minMs: 1,
    orNever: true,
    fallback: 5_000,
  }),
  affinity: {
    doc: 'How calls of a session choose a worker, unless the call specifies it. `"hint"` prefers the worker of the previous call if it is free. `"strict-queue"` waits for that worker. `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE` while it is busy. When that worker ends or drains, the next call goes to any other one.',
    example: 'affinity: "strict-queue"',
    expects: '"hint", "strict-queue" or "strict-fail"',
    inputType: '"hint" | "strict-queue" | "strict-fail"',
    resolvedType: '"hint" | "strict-queue" | "strict-fail"',
    schema: v.picklist(["hint", "strict-queue", "strict-fail"]),
    fallback: { value: () => "hint", text: '`"hint"`' },
  },
  prefetch: {
    doc: 'Number of short calls that are sent to a busy worker ahead of their start, so that it does not wait for the next one. `"auto"` adapts it to the measured execution time of the tools: many calls of short tools, none of tools that take a millisecond or more. A call that waits behind a slow one is recalled as soon as another worker is free, and a call that its caller gave up is never started. `0` sends each call when a worker is free. Calls of sessions, nested calls, streams and tools with `maxConcurrent` are not sent ahead. It has no effect with profiles other than `process`, whose workers execute several calls at the same time.',
    example: "prefetch: 0",
    expects: '"auto" or an integer from 0 to 1000',
    inputType: '"auto" | number',
    resolvedType: '"auto" | number',
    schema: v.union([v.literal("auto"), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000))]),
    fallback: { value: () => "auto", text: '`"auto"`' },
  },
  executeTimeoutMs: duration({
    doc: "Default deadline of `execute`, queueing included. A call that exceeds it fails with `DEADLINE_EXCEEDED`.",
    example: 'executeTimeoutMs: "2m"',
    minMs: 1,
    orNever: true,
    fallback: 30_000,
  }),
  streamTimeoutMs: duration({
    doc: "Default deadline of `stream`, from the call to the last chunk.",
    example: 'streamTimeoutMs: "1h"',
    minMs: 1,
    orNever: true,
    fallback: 300_000,
  }),
  startTimeoutMs: duration({
    doc: "Maximum time from the launch of a worker until it is ready. A start that exceeds it fails with `WORKER_START_FAILED`.",
    example: 'startTimeoutMs: "2m"',
    minMs: 1,
    fallback: 30_000,
  }),
  shutdownGraceMs: duration({
    doc: "Maximum time that `close()` waits for active calls before it ends the workers.",
    example: 'shutdownGraceMs: "10s"',
    minMs: 0,
    fallback: 2_000,
  }),
  cancelGraceMs: duration({
    doc: "Maximum time for a worker to stop a cancelled call. Then the worker is killed and replaced. The caller does not wait for this.",
    example: 'cancelGraceMs: "500ms"',
    minMs: 0,
    fallback: 2_000,
  }),
  heartbeatIntervalMs: duration({
    doc: "Interval at which a worker sends heartbeats.",
    example: 'heartbeatIntervalMs: "1s"',
    minMs: 10,
    fallback: 2_000,
  }),
  heartbeatTimeoutMs: duration({
    doc: "Maximum time without a heartbeat. Then the worker counts as hung and is replaced.",
    example: 'heartbeatTimeoutMs: "30s"',
    minMs: 20,
    fallback: 10_000,
  }),
  restart: group<ResolvedRestart>({
    doc: "How many crashed workers are replaced without delay. Workers that have completed a call do not count. Beyond the limit, the pool is `degraded` until it recovers: it waits `backoff.maxMs` between attempts, or until a call waits for a worker.",
    example: 'restart: { maxRestarts: 20, withinMs: "10s" }',
    inputType: "RestartConfig",
    resolvedType: "ResolvedRestart",
    group: {
      maxRestarts: integer({
        doc: "Maximum number of restarts of the pool's workers in that period.",
        example: "maxRestarts: 20",
        min: 0,
        max: 1_000_000,
        fallback: 100,
      }),
      withinMs: duration({
        doc: "Period in which restarts are counted.",
        example: 'withinMs: "10s"',
        minMs: 1,
        fallback: 60_000,
      }),
    },
  }),
  backoff: group<ResolvedBackoff>({
    doc: "Delay before retrying a worker that could not start or ended before its first call. The delay doubles with each failure. If the pool has no worker, a waiting call ends the delay.",
    example: 'backoff: { initialMs: "100ms", maxMs: "10s" }',
    inputType: "BackoffConfig",
    resolvedType: "ResolvedBackoff",
    group: {
      initialMs: duration({
        doc: "First delay.",
        example: 'initialMs: "100ms"',
        minMs: 0,
        fallback: 100,
      }),
      maxMs: duration({
        doc: "Maximum delay.",
        example: 'maxMs: "10s"',
        minMs: 0,
        fallback: 30_000,
      }),
    },
  }),
  recycle: group<ResolvedRecycle>({
    doc: "When workers are replaced, for example because of a memory leak. The replacement is ready before the old worker stops, and no call fails. At most a quarter of the workers are replaced at the same time.",
    example: "recycle: { maxRequests: 10_000, maxRssMb: 2_000 }",
    inputType: "RecycleConfig",
    resolvedType: "ResolvedRecycle",
    group: {
      ttlMs: duration({
        doc: "Maximum age of a worker.",
        example: 'ttlMs: "6h"',
        minMs: 1_000,
        orNever: true,
        fallback: Number.POSITIVE_INFINITY,
      }),
      maxRequests: limit({
        doc: "Number of calls after which a worker is replaced. It continues until its replacement is ready.",
        example: "maxRequests: 10_000",
        min: 1,
      }),
      maxRssMb: limit({
        doc: "Maximum resident memory of a worker process in MiB, checked at each heartbeat. Memory that it shares with other workers counts.",
        example: "maxRssMb: 2_000",
        min: 1,
      }),
      jitter: fraction({
        doc: "Maximum random reduction of these limits for each worker, as a fraction of them, so that workers of the same age are not replaced together.",
        example: "jitter: 0.2",
        fallback: 0.1,
      }),
      graceMs: duration({
        doc: "Maximum time that the calls of a replaced worker continue after its replacement is ready. A call that takes longer fails with `WORKER_CRASHED`.",
        example: 'graceMs: "30s"',
        minMs: 0,
        orNever: true,
        fallback: 300_000,
      }),
    },
  }),
  healthCheck: group<ResolvedHealthCheck>({
    doc: "Checks idle workers, one after another. A worker that does not answer in time is killed, and one whose check fails is replaced.",
    example: 'healthCheck: { intervalMs: "30s" }',
    inputType: "HealthCheckConfig",
    resolvedType: "ResolvedHealthCheck",
    group: {
      intervalMs: duration({
        doc: "Time without a call or check after which a worker is checked. Required in an object `healthCheck`.",
        example: 'intervalMs: "30s"',
        minMs: 10,
        orNever: true,
        fallback: Number.POSITIVE_INFINITY,
      }),
      tool: nonEmptyString({
        doc: "A tool without required parameters. The worker is healthy if it returns. By default, the worker only has to answer.",
        example: 'tool: "check_model"',
        expects: "the name of a tool",
        fallback: "none",
      }),
      timeoutMs: duration({
        doc: "Maximum duration of a check.",
        example: 'timeoutMs: "10s"',
        minMs: 1,
        fallback: 5_000,
      }),
    },
  }),
  watch: flag({
    doc: "Whether the pool is reloaded when a Python file of the target, or one that it imports, changes; for development. Installed packages are not watched.",
    example: "watch: true",
    fallback: false,
  }),
  limits: group<ResolvedLimits>({
    doc: "Limits of the resources of each worker process. By default, those of the host apply.",
    example: "limits: { addressSpaceMb: 4096, openFiles: 256 }",
    inputType: "LimitsConfig",
    resolvedType: "ResolvedLimits",
    group: {
      addressSpaceMb: optionalNumber({
        doc: "Maximum address space of a worker, in MiB (`RLIMIT_AS`). An allocation beyond it raises `MemoryError` in Python: `OUT_OF_MEMORY`. Includes mapped files and libraries, so it is larger than the resident memory. Not enforced on macOS.",
        example: "addressSpaceMb: 4096",
        min: 16,
        max: 16_777_216,
        fallback: "that of the host",
      }),
      cpuSeconds: optionalNumber({
        doc: "Maximum processor time of a worker process over its lifetime, in seconds (`RLIMIT_CPU`). A worker that exceeds it is terminated by `SIGXCPU` and replaced.",
        example: "cpuSeconds: 3600",
        min: 1,
        max: 1_000_000_000,
        fallback: "that of the host",
      }),
      openFiles: optionalNumber({
        doc: "Maximum number of open file descriptors of a worker (`RLIMIT_NOFILE`).",
        example: "openFiles: 256",
        min: 32,
        max: 1_000_000,
        fallback: "that of the host",
      }),
      niceness: optionalNumber({
        doc: "Scheduling priority of a worker, from 0 to 19 for the lowest (`nice`).",
        example: "niceness: 10",
        min: 0,
        max: 19,
        fallback: "that of the host",
      }),
      memoryMb: optionalNumber({
        doc: "Maximum memory of a worker and its child processes, in MiB, enforced by a control group (cgroup v2, `memory.max`). The kernel kills a worker that exceeds it: `OUT_OF_MEMORY`. If the host cannot create control groups, a warning is logged, and the limit does not apply.",
        example: "memoryMb: 2048",
        min: 16,
        max: 16_777_216,
        fallback: "none",
      }),
      cpus: optionalNumber({
        doc: "Maximum number of processors that a worker and its child processes use on average, enforced by a control group (cgroup v2, `cpu.max`), with the same condition.",
        example: "cpus: 1.5",
        min: 0.01,
        max: 10_000,
        isInteger: false,
        fallback: "none",
      }),
    },
  }),
  churn: group<ResolvedChurn>({
    doc: "When the event `pool.churning` reports that many workers are replaced, for any reason: crashes, unresponsive workers and recycling.",
    example: 'churn: { maxReplaced: 50, withinMs: "1h" }',
    inputType: "ChurnConfig",
    resolvedType: "ResolvedChurn",
    group: CHURN_OPTIONS,
  }),
  tools: namedGroups<ResolvedToolSettings>({
    doc: "Settings of single tools, by name. They take precedence over the arguments of `@tool`.",
    example: 'tools: { render: { timeoutMs: "2m", idempotent: true } }',
    itemTypes: ["ToolConfig", "ResolvedToolSettings"],
    each: TOOL_OPTIONS,
  }),
  retry: group<ResolvedRetry>({
    doc: "How calls that may be executed twice (`idempotent`) are retried: at once if the first attempt fails with `WORKER_CRASHED`, otherwise after a delay, which doubles each time. An attempt is made only before the deadline of the call.",
    example: "retry: { attempts: 5 }",
    inputType: "RetryConfig",
    resolvedType: "ResolvedRetry",
    group: RETRY_OPTIONS,
  }),
  circuit: optionalGroup<ResolvedCircuit>({
    doc: "Circuit breaker: rejects calls with `CIRCUIT_OPEN` for a while when too many fail because of the pool: crashed or hung workers, out of memory, workers that do not start, `QUEUE_TIMEOUT` and `DEADLINE_EXCEEDED`. An empty object sets the defaults.",
    example: 'circuit: { failureRate: 0.5, openMs: "10s" }',
    inputType: "CircuitConfig",
    resolvedType: "ResolvedCircuit | undefined",
    group: CIRCUIT_OPTIONS,
  }),
  fallback: {
    doc: "What calls of `execute` and `map` resolve with when their pool fails: a value, the result of a function, or that of another pool with the same tool. Another pool is used only if the call was not executed or may be executed twice. Errors of the call itself, such as `PYTHON_EXCEPTION`, have no fallback.",
    example: 'fallback: { pool: "small" }',
    expects: "{ value }, { pool }, or a function",
    inputType: "Fallback",
    resolvedType: "Fallback | undefined",
    schema: v.optional(v.custom<Fallback>((value) => fallbackProblem(value) === undefined)),
    fallback: { value: () => undefined, text: "none" },
    secret: true,
  },
  poison: group<ResolvedPoison>({
    doc: "When a call that ends its workers (a crash in native code, a signal, out of memory, an exit) is rejected with `POISON_CALL` instead of ending another one. Calls are the same if their tool and arguments are; an answer to the same call clears its crashes.",
    example: 'poison: { crashes: 2, withinMs: "1h" }',
    inputType: "PoisonConfig",
    resolvedType: "ResolvedPoison",
    group: POISON_OPTIONS,
  }),
  env: {
    doc: "Environment variables for the workers, added to those of the host; `undefined` removes one. For Python workers, `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` default to `libraryThreads`.",
    example: 'env: { MODEL_DIR: "/models" }',
    expects: "an object that maps the names of variables to strings",
    expectsInside: "a string without null characters, or undefined",
    inputType: "Readonly<Record<string, string | undefined>>",
    resolvedType: "Readonly<Record<string, string | undefined>>",
    schema: v.record(v.pipe(v.string(), v.regex(/^[^=\0]+$/)), v.optional(v.pipe(v.string(), v.regex(/^[^\0]*$/)))),
    fallback: { value: () => ({}), text: "none" },
    secret: true,
  },
} satisfies OptionTable<ResolvedPoolConfig>;

/** Whether a name is that of a pool option. */
export function isPoolOption(name: string): boolean {
  return Object.hasOwn(POOL_OPTIONS, name);
}
