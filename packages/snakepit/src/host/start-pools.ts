import {
  type HostScope,
  type ResolvedConfig,
  type ResolvedPoolConfig,
  SnakepitError,
  watchAbort,
} from "@snakepit/core";
import { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";
import { closeAll } from "./close-all.ts";
import { firstWorker } from "./first-worker.ts";

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
