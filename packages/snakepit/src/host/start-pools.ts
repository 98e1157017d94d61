import { encodeValue } from "@snakepit/bridge-proto/values";
import {
  type ConfigProblem,
  DEFAULT_POOL,
  type HostScope,
  invalidConfig,
  nearestName,
  type ResolvedConfig,
  type ResolvedPoolConfig,
  SnakepitError,
  sizeRange,
  type ToolDescriptor,
  watchAbort,
} from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";
import { checkHealthTool } from "./health-tool.ts";

/** What the start of all pools observes and reports. */
export interface PoolsStart {
  /** Each pool is added to it when it is created. */
  readonly created: Set<WorkerPool>;
  /** Cancels the start. */
  readonly signal: AbortSignal;
  /** Whether to wait for one worker of each pool, or for all. */
  readonly waitForWorkers: "first" | "all";
  /** Called when all pools have a launcher, whose first process is starting, and after a failure. */
  readonly onLaunchers: () => void;
}

/**
 * Starts all pools concurrently. Resolves with the pools, in the order of the configuration, when each has one ready
 * worker, or all its workers. When a pool fails or `signal` aborts, closes all pools before the promise rejects.
 */
export async function startPools(
  config: ResolvedConfig,
  scope: HostScope,
  telemetry: Telemetry,
  { created, signal, waitForWorkers, onLaunchers }: PoolsStart,
): Promise<ReadonlyMap<string, WorkerPool>> {
  const failed = new AbortController();
  const abort = Promise.withResolvers<never>();
  const unwatch = watchAbort(signal, () => abort.reject(startCancelled(signal)));
  const pools = Object.entries(config.pools).map(async ([name, options]) => {
    const check = (tools: readonly ToolDescriptor[]) => checkTools(name, config, tools);
    const pool = await createPool(name, options, scope, check);
    created.add(pool);
    return pool;
  });
  void Promise.allSettled(pools).then(onLaunchers);
  const starts = pools.map(async (creating) => {
    const pool = await creating;
    if (!failed.signal.aborted) {
      if (waitForWorkers === "all") await allWorkers(pool);
      else await firstWorker(pool, telemetry);
      checkTools(pool.name, config, pool.tools());
    }
    return pool;
  });
  try {
    const started = await Promise.race([Promise.all(starts), abort.promise]);
    return new Map(started.map((pool) => [pool.name, pool]));
  } catch (thrown) {
    failed.abort();
    // Closing the existing pools makes their starts fail. A pool whose launcher is still being created is closed after
    // that. The second close repeats the errors of the first one, which are therefore ignored.
    await closeAll([...created], 0).catch(() => {});
    await Promise.allSettled(starts);
    await closeAll([...created], 0).catch((error: unknown) => {
      telemetry.log.warn({ err: error }, "closing a pool after a failed start failed");
    });
    throw thrown;
  } finally {
    unwatch();
  }
}

export function startCancelled(signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", "the start was cancelled by its AbortSignal", { cause: signal.reason });
}

async function createPool(
  name: string,
  options: ResolvedPoolConfig,
  scope: HostScope,
  check: (tools: readonly ToolDescriptor[]) => void,
): Promise<WorkerPool> {
  const { startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs, watch, limits, env } = options;
  const { profile, capacity, libraryThreads, threadSafety } = options;
  const size = sizeRange(options.size).max;
  const timeouts = { startTimeoutMs, heartbeatIntervalMs, heartbeatTimeoutMs };
  const execution = { profile, capacity, libraryThreads, threadSafety };
  const launcherOptions = { pool: name, size, ...timeouts, watch, limits, env, ...execution };
  const launcher = await options.worker.createLauncher(scope, launcherOptions);
  // Not before: the launcher has started a process, which loads its modules at the same time.
  const { WorkerPool } = await import("@snakepit/pool");
  const poolOptions = { ...options, name, noArguments: encodeValue({}), checkTools: check };
  return new WorkerPool(poolOptions, launcher, scope.instrumentation);
}

/** Starts a pool and resolves when all its workers are ready; rejects with the cause when it cannot start one. */
async function allWorkers(pool: WorkerPool): Promise<void> {
  pool.start();
  await pool.ready();
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

/**
 * Checks the tools that the options `tools` and `healthCheck` of a pool name, when those of its code are known.
 *
 * @throws SnakepitError `INVALID_CONFIG` with each unknown name.
 */
function checkTools(pool: string, { pools }: ResolvedConfig, tools: readonly ToolDescriptor[]): void {
  const known = tools.map(({ name }) => name);
  const prefix = Object.keys(pools).join() === DEFAULT_POOL ? "" : `pools.${pool}.`;
  const problems = Object.keys(pools[pool]?.tools ?? {})
    .filter((name) => !known.includes(name))
    .map((name): ConfigProblem => {
      const nearest = nearestName(name, known);
      const remedy = nearest === undefined ? `the tools are ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
      return { path: `${prefix}tools.${name}`, problem: `is not a tool of pool "${pool}"`, remedy };
    });
  if (problems.length > 0) throw invalidConfig(problems);
  checkHealthTool(pool, pools[pool]?.healthCheck.tool, tools);
}

/** A pool or a server: it is closed with a grace period for its active calls. */
export interface Closable {
  close(options: { readonly graceMs?: number }): Promise<void>;
}

/** Closes all items concurrently, even when some fail; rejects with the first failure. */
export async function closeAll(closables: readonly Closable[], graceMs: number | undefined): Promise<void> {
  const options = graceMs === undefined ? {} : { graceMs };
  const outcomes = await Promise.allSettled(closables.map((each) => each.close(options)));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
