import { availableParallelism } from "node:os";
import * as v from "valibot";
import type { WorkerSpec } from "../ports/worker-spec.ts";
import type { ResolvedBackoff, ResolvedPoolConfig, ResolvedRestart } from "./gen/config-types.ts";
import { asWorker, isWorkerSpec } from "./misplaced.ts";
import type { OptionTable } from "./option.ts";
import { count, duration, group } from "./option-kinds.ts";

/** The options of a pool. Types, defaults and documentation of a pool's configuration come from here. */
export const POOL_OPTIONS = {
  worker: {
    doc: "What the workers run.",
    example: 'worker: python("./tools.py")',
    expects: "a worker",
    inputType: "WorkerSpec",
    resolvedType: "WorkerSpec",
    schema: v.custom<WorkerSpec>(isWorkerSpec),
    remedy: (value) => `write \`worker: ${asWorker(value)}\``,
  },
  size: count({
    doc: "How many workers the pool keeps.",
    example: "size: 4",
    min: 1,
    max: 10_000,
    fallback: { value: () => 2 * availableParallelism(), text: "2 × the cores" },
  }),
  batchSize: count({
    doc: "How many workers are started at the same time.",
    example: "batchSize: 16",
    min: 1,
    max: 10_000,
    fallback: 64,
  }),
  batchDelayMs: duration({
    doc: "Pause between one batch of starts and the next.",
    example: 'batchDelayMs: "100ms"',
    minMs: 0,
    fallback: 0,
  }),
  queueLimit: count({
    doc: "How many calls may wait for a worker. One more is refused at once with `POOL_SATURATED`.",
    example: "queueLimit: 5000",
    min: 0,
    max: 10_000_000,
    fallback: 1_000,
  }),
  queueTimeoutMs: duration({
    doc: "How long a call waits for a worker before it fails with `QUEUE_TIMEOUT`.",
    example: 'queueTimeoutMs: "10s"',
    minMs: 1,
    orNever: true,
    fallback: 5_000,
  }),
  affinity: {
    doc: 'How calls of a session keep to the worker that executed its last one, where the call does not say: `"hint"` prefers that worker when it can take the call now, and is content with any other; `"strict-queue"` waits for it; `"strict-fail"` fails with `SESSION_WORKER_UNAVAILABLE` when it is busy. A worker that is gone, or about to go, is forgotten at once, and any other takes the next call.',
    example: 'affinity: "strict-queue"',
    expects: '"hint", "strict-queue" or "strict-fail"',
    inputType: '"hint" | "strict-queue" | "strict-fail"',
    resolvedType: '"hint" | "strict-queue" | "strict-fail"',
    schema: v.picklist(["hint", "strict-queue", "strict-fail"]),
    fallback: { value: () => "hint", text: '`"hint"`' },
  },
  executeTimeoutMs: duration({
    doc: "The deadline of `execute`, queueing included, where the call does not say its own; past it the call fails with `DEADLINE_EXCEEDED`.",
    example: 'executeTimeoutMs: "2m"',
    minMs: 1,
    orNever: true,
    fallback: 30_000,
  }),
  streamTimeoutMs: duration({
    doc: "The same for `stream`, from the call to the last chunk.",
    example: 'streamTimeoutMs: "1h"',
    minMs: 1,
    orNever: true,
    fallback: 300_000,
  }),
  startTimeoutMs: duration({
    doc: "How long a worker may take from its launch until it is ready; past it the start fails with `WORKER_START_FAILED`.",
    example: 'startTimeoutMs: "2m"',
    minMs: 1,
    fallback: 30_000,
  }),
  shutdownGraceMs: duration({
    doc: "How long `close()` lets active calls finish before it ends the workers.",
    example: 'shutdownGraceMs: "10s"',
    minMs: 0,
    fallback: 2_000,
  }),
  cancelGraceMs: duration({
    doc: "How long a worker has to give up a cancelled call. One that does not is killed and replaced; the caller has its answer long before.",
    example: 'cancelGraceMs: "500ms"',
    minMs: 0,
    fallback: 2_000,
  }),
  heartbeatIntervalMs: duration({
    doc: "How often a worker says that it is alive.",
    example: 'heartbeatIntervalMs: "1s"',
    minMs: 10,
    fallback: 2_000,
  }),
  heartbeatTimeoutMs: duration({
    doc: "How long a worker may be silent before it counts as dead and is replaced.",
    example: 'heartbeatTimeoutMs: "30s"',
    minMs: 20,
    fallback: 10_000,
  }),
  restart: group<ResolvedRestart>({
    doc: "How many crashed workers are replaced at full speed; one that has answered a call does not count. Past that the pool is `degraded`: it waits `backoff.maxMs` between attempts, or until a call waits for a worker, until it recovers.",
    example: 'restart: { maxRestarts: 20, withinMs: "10s" }',
    inputType: "RestartConfig",
    resolvedType: "ResolvedRestart",
    group: {
      maxRestarts: count({
        doc: "How many restarts of the pool's workers are borne.",
        example: "maxRestarts: 20",
        min: 0,
        max: 1_000_000,
        fallback: 100,
      }),
      withinMs: duration({
        doc: "The time span in which they are counted.",
        example: 'withinMs: "10s"',
        minMs: 1,
        fallback: 60_000,
      }),
    },
  }),
  backoff: group<ResolvedBackoff>({
    doc: "How long to wait before a worker that could not start, or ended before its first call, is tried again. The pause doubles with each failure. A call that waits for a worker while there is none ends the pause.",
    example: 'backoff: { initialMs: "100ms", maxMs: "10s" }',
    inputType: "BackoffConfig",
    resolvedType: "ResolvedBackoff",
    group: {
      initialMs: duration({
        doc: "The first pause.",
        example: 'initialMs: "100ms"',
        minMs: 0,
        fallback: 100,
      }),
      maxMs: duration({
        doc: "The longest pause.",
        example: 'maxMs: "10s"',
        minMs: 0,
        fallback: 30_000,
      }),
    },
  }),
  env: {
    doc: "Environment variables for the workers, added to those of the host; `undefined` takes one away. Python workers have `OMP_NUM_THREADS`, `OPENBLAS_NUM_THREADS`, `MKL_NUM_THREADS` and `NUMEXPR_NUM_THREADS` set to 1 where nobody has set them, since the pool is what uses the cores.",
    example: 'env: { MODEL_DIR: "/models" }',
    expects: "an object of strings by the variable's name",
    expectsInside: "a string",
    inputType: "Readonly<Record<string, string | undefined>>",
    resolvedType: "Readonly<Record<string, string | undefined>>",
    schema: v.record(v.pipe(v.string(), v.regex(/^[^=\0]+$/)), v.optional(v.pipe(v.string(), v.regex(/^[^\0]*$/)))),
    fallback: { value: () => ({}), text: "none" },
    secret: true,
  },
} satisfies OptionTable<ResolvedPoolConfig>;

/** Whether an option is one of a pool, for what is given to something else. */
export function isPoolOption(name: string): boolean {
  return Object.hasOwn(POOL_OPTIONS, name);
}
