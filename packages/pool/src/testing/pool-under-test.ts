import { type EncodedValue, type Instrumentation, newCorrelationId, SnakepitError } from "@snakepit/core";
import type { PoolCall } from "../pool-call.ts";
import type { PoolOptions } from "../pool-options.ts";
import { WorkerPool } from "../worker-pool.ts";
import type { FakeLauncher } from "./fake-launcher.ts";

const ARGS: EncodedValue = { body: new Uint8Array([0x80]), buffers: [], byteLength: 1 };

export const OPTIONS: PoolOptions = {
  name: "test",
  noArguments: ARGS,
  size: 2,
  scaling: { growAfterMs: 100, shrinkAfterMs: 60_000 },
  batchSize: 64,
  batchDelayMs: 0,
  queueLimit: 1_000,
  queueTimeoutMs: 5_000,
  affinity: "hint",
  prefetch: "auto",
  startTimeoutMs: 30_000,
  shutdownGraceMs: 2_000,
  cancelGraceMs: 2_000,
  restart: { maxRestarts: 100, withinMs: 60_000 },
  backoff: { initialMs: 100, maxMs: 30_000 },
  heartbeatIntervalMs: 2_000,
  recycle: {
    ttlMs: Number.POSITIVE_INFINITY,
    maxRequests: Number.POSITIVE_INFINITY,
    maxRssMb: Number.POSITIVE_INFINITY,
    jitter: 0.1,
    graceMs: 300_000,
  },
  healthCheck: { intervalMs: Number.POSITIVE_INFINITY, tool: undefined, timeoutMs: 5_000 },
};

/** Returns a ready pool. */
export async function readyPool(
  launcher: FakeLauncher,
  options: Partial<PoolOptions> = {},
  instrumentation?: Instrumentation,
): Promise<WorkerPool> {
  const pool = startedPool(launcher, options, instrumentation);
  await pool.ready();
  return pool;
}

/** Returns a pool that is starting. */
export function startedPool(
  launcher: FakeLauncher,
  options: Partial<PoolOptions> = {},
  instrumentation?: Instrumentation,
): WorkerPool {
  const pool = new WorkerPool({ ...OPTIONS, ...options }, launcher, instrumentation);
  pool.start();
  return pool;
}

export function request(tool = "echo", options: Partial<PoolCall> = {}): PoolCall {
  return { tool, args: ARGS, deadline: Number.POSITIVE_INFINITY, correlationId: newCorrelationId(), ...options };
}

/** Resolves with the `SnakepitError` that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<SnakepitError> {
  const outcome = await promise.then(
    (value) => new Error(`it succeeded with ${String(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof SnakepitError)) throw outcome;
  return outcome;
}

/** Waits until pending microtasks have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
