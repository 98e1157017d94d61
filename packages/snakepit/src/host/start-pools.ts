import {
  type HostScope,
  type ResolvedConfig,
  type ResolvedPoolConfig,
  SnakepitError,
  watchAbort,
} from "@snakepit/core";
import { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";

/**
 * Starts all pools concurrently and resolves when each has a worker; they are in the order of the configuration. When one
 * fails, or `signal` aborts, all are closed before the promise rejects.
 *
 * @param created receives each pool as soon as it exists.
 */
export async function startPools(
  config: ResolvedConfig,
  scope: HostScope,
  telemetry: Telemetry,
  created: Set<WorkerPool>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, WorkerPool>> {
  const failed = new AbortController();
  const abort = Promise.withResolvers<never>();
  const unwatch = signal && watchAbort(signal, () => abort.reject(startCancelled(signal)));
  const starts = Object.entries(config.pools).map(async ([name, options]) => {
    const pool = await createPool(name, options, scope);
    created.add(pool);
    if (!failed.signal.aborted) await firstWorker(pool, telemetry);
    return pool;
  });
  try {
    const pools = await Promise.race([Promise.all(starts), abort.promise]);
    return new Map(pools.map((pool) => [pool.name, pool]));
  } catch (thrown) {
    failed.abort();
    // Closing those that there are makes their starts fail; a launcher that is still being made is closed after that.
    // What goes wrong the first time goes wrong the second time, too.
    await closeAll([...created], 0).catch(() => {});
    await Promise.allSettled(starts);
    await closeAll([...created], 0).catch((error: unknown) => {
      telemetry.log.warn({ err: error }, "a pool could not be closed after a failed start");
    });
    throw thrown;
  } finally {
    unwatch?.();
  }
}

export function startCancelled(signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", "the start was cancelled by its AbortSignal", { cause: signal.reason });
}

async function createPool(name: string, options: ResolvedPoolConfig, scope: HostScope): Promise<WorkerPool> {
  const { size, startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs, env } = options;
  const launcherOptions = { pool: name, size, startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs, env };
  const launcher = await options.worker.createLauncher(scope, launcherOptions);
  return new WorkerPool({ ...options, name }, launcher, scope.instrumentation);
}

/** Starts a pool and resolves when its first worker is ready; rejects with the cause when it cannot start one. */
async function firstWorker(pool: WorkerPool, telemetry: Telemetry): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = telemetry.on("worker.ready", (event) => {
    if (event.pool === pool.name) resolve();
  });
  try {
    pool.start();
    await Promise.race([promise, pool.ready()]);
  } finally {
    unsubscribe();
  }
}

/** Something with active calls. */
export interface Closable {
  close(options: { readonly graceMs?: number }): Promise<void>;
}

/** Closes all of them concurrently, even when some fail; rejects with the first failure. */
export async function closeAll(closables: readonly Closable[], graceMs: number | undefined): Promise<void> {
  const options = graceMs === undefined ? {} : { graceMs };
  const outcomes = await Promise.allSettled(closables.map((each) => each.close(options)));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
