import { availableParallelism } from "node:os";
import * as v from "valibot";
import type { WorkerSpec } from "../ports/worker-spec.ts";
import { type Fallback, fallbackProblem } from "./fallback.ts";
import type {
  ResolvedBackoff,
  ResolvedChurn,
  ResolvedCircuit,
  ResolvedPoison,
  ResolvedPoolConfig,
  ResolvedRestart,
  ResolvedRetry,
  ResolvedToolSettings,
} from "./gen/config-types.ts";
import { asWorker, isWorkerSpec } from "./misplaced.ts";
import type { OptionTable } from "./option.ts";
import { duration, group, integer, namedGroups, optionalGroup } from "./option-kinds.ts";
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
  size: integer({
    doc: "Number of workers in the pool.",
    example: "size: 4",
    min: 1,
    max: 10_000,
    fallback: { value: () => 2 * availableParallelism(), text: "2 × the cores" },
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
    doc: 'Number of short calls that are sent to a busy worker ahead of their start, so that it does not wait for the next one. `"auto"` adapts it to the measured execution time of the tools: many calls of short tools, none of tools that take a millisecond or more. A call that waits behind a slow one is recalled as soon as another worker is free, and a call that its caller gave up is never started. `0` sends each call when a worker is free. Calls of sessions, nested calls, streams and tools with `maxConcurrent` are not sent ahead.',
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
    doc: "How calls that may be executed twice (`idempotent`) are retried. The delay doubles with each attempt. An attempt is made only before the deadline of the call.",
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
    doc: "Environment variables for the workers, added to those of the host; `undefined` removes one. For Python workers, `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` default to 1, because the pool already uses all cores.",
    example: 'env: { MODEL_DIR: "/models" }',
    expects: "an object that maps the names of variables to strings",
    expectsInside: "a string",
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
