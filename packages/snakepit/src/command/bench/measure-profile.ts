import type { SnakepitConfig } from "@snakepit/core";
import type { ToolArguments } from "../../calling/call-options.ts";
import type { Snakepit } from "../../snakepit.ts";
import { MisuseError } from "../parse-command-line.ts";
import type { BenchRun, LatencyMs } from "./bench-report.ts";
import { closedLoop, type LoadResult } from "./closed-loop.ts";
import { busyCores, processorTime } from "./processor-time.ts";
import { QueueShare } from "./queue-share.ts";

/** What to measure with one host. */
export interface ProfileOptions {
  readonly config: SnakepitConfig;
  readonly pool: string;
  /** The name of the tool; if absent, the pool has to have only one. */
  readonly tool: string | undefined;
  readonly args: ToolArguments;
  /** Numbers of callers. */
  readonly concurrencies: readonly number[];
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly signal: AbortSignal;
  readonly open: typeof Snakepit.start;
  readonly onProgress: (text: string) => void;
}

/** Fewest calls for a percentile: at least one call is above it. */
const MIN_CALLS = { p95: 20, p99: 100 };

/**
 * Starts a host, makes one call, and then measures with each number of callers.
 *
 * @throws the error of the start or of that call; MisuseError if the tool is not specified.
 */
export async function measureProfile(
  options: ProfileOptions,
): Promise<{ readonly tool: string; readonly runs: readonly BenchRun[] }> {
  const { config, pool, args, signal, onProgress } = options;
  onProgress("Starting Python workers");
  let tool = options.tool ?? "";
  const queue = new QueueShare(() => tool);
  const host: SnakepitConfig = { ...config, instrumentation: queue };
  await using pit = await options.open(host, { signal, waitForWorkers: "all" });
  tool = options.tool ?? onlyTool(pit, pool);
  // An aborted measurement must not wait for the calls. The end of this function reports a failure to close.
  signal.addEventListener("abort", () => pit.close({ graceMs: 0 }).catch(() => {}), { once: true });
  const profile = pit.config.pools[pool]?.profile ?? "process";
  const call = caller(pit, pool, tool, args);
  await call();
  const runs: BenchRun[] = [];
  for (const concurrency of options.concurrencies) {
    onProgress(`${tool}, profile ${profile}, ${concurrency} callers: ${options.durationMs / 1000} s`);
    const load = await closedLoop({
      ...{ call, concurrency, warmUpMs: options.warmUpMs, durationMs: options.durationMs, signal },
      observe: () => {
        queue.begin();
        const before = processorTime(pit.workers(pool));
        return (elapsedMs) => ({
          queueShare: queue.end(),
          cores: busyCores(before, processorTime(pit.workers(pool)), elapsedMs),
        });
      },
    });
    runs.push({ profile, workers: pit.stats(pool).workers, concurrency, ...summary(load), ...load.observed });
  }
  return { tool, runs };
}

function caller(pit: Snakepit, pool: string, tool: string, args: ToolArguments): () => Promise<void> {
  const client = pit.pool(pool);
  const streams = client.tools().some(({ name, streaming }) => name === tool && streaming);
  if (!streams) {
    return async () => {
      await client.execute(tool, args);
    };
  }
  return async () => {
    for await (const _chunk of client.stream(tool, args));
  };
}

function onlyTool(pit: Snakepit, pool: string): string {
  const [only, ...others] = pit.tools(pool);
  if (only !== undefined && others.length === 0) return only.name;
  const names = pit.tools(pool).map(({ name }) => name);
  throw new MisuseError(`TOOL is required: the tools of pool "${pool}" are ${names.join(", ")}`);
}

function summary({ durationMs, calls, parts, latency, errors }: LoadResult<unknown>) {
  return {
    durationMs,
    calls,
    callsPerSecond: (calls * 1000) / durationMs,
    callsPerSecondByPart: parts,
    latencyMs: latencyMs(latency, calls),
    errors,
  };
}

function latencyMs(latency: LoadResult<unknown>["latency"], calls: number): LatencyMs {
  const percentile = (value: number) => latency.percentile(value) / 1e6;
  if (calls === 0) return { mean: null, p50: null, p95: null, p99: null, max: null };
  return {
    mean: latency.mean / 1e6,
    p50: percentile(50),
    p95: calls < MIN_CALLS.p95 ? null : percentile(95),
    p99: calls < MIN_CALLS.p99 ? null : percentile(99),
    max: latency.max / 1e6,
  };
}
