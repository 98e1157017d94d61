import { availableParallelism } from "node:os";
import {
  DEFAULT_POOL,
  type PoolConfig,
  resolveConfig,
  type SnakepitConfig,
  type SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import type { ToolArguments } from "../../calling/call-options.ts";
import { Snakepit } from "../../snakepit.ts";
import { EXIT, type Invocation } from "../command.ts";
import { type HostSource, hostConfig } from "../host-source/host-config.ts";
import { listValue, toolArguments } from "../host-source/option-values.ts";
import { printError } from "../host-source/print-error.ts";
import { MisuseError } from "../parse-command-line.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { type BenchFailure, type BenchReport, type BenchRun, benchTable } from "./bench-report.ts";
import { measureProfile } from "./measure-profile.ts";

/** The values of the options of `snakepit bench`. */
export interface BenchValues extends HostSource {
  readonly args: string | undefined;
  readonly concurrency: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds. */
  readonly "warm-up": number;
  readonly pool: string | undefined;
  readonly workers: number | undefined;
  readonly profiles: string | undefined;
  readonly json: boolean;
}

const PROFILES = ["process", "thread", "async"] as const;
const MAX_CALLERS = 10_000;

/** Runs `snakepit bench`. */
export async function runBench({ values, positionals, terminal, signal }: Invocation<BenchValues>): Promise<number> {
  const concurrencies = callersOf(values.concurrency);
  const { duration: durationMs, "warm-up": warmUpMs } = values;
  const profiles = values.profiles === undefined ? [undefined] : listValue("--profiles", values.profiles, PROFILES);
  const args: ToolArguments = await toolArguments(values.args, signal);
  const { config } = await hostConfig(values);
  const pool = poolName(config, values.pool);
  const runs: BenchRun[] = [];
  const failures: BenchFailure[] = [];
  let tool = positionals[0];
  let error: SnakepitError | undefined;
  using progress = new ProgressLine(terminal.stderr);
  for (const profile of profiles) {
    try {
      const host = withPool(config, pool, poolChange(config, pool, profile, values.workers));
      const measured = await measureProfile({
        ...{ config: host, pool, tool, args, concurrencies, warmUpMs, durationMs, signal },
        open: Snakepit.start,
        onProgress: (text) => progress.show(text),
      });
      tool = measured.tool;
      runs.push(...measured.runs);
    } catch (thrown) {
      if (signal.aborted || thrown instanceof MisuseError) throw thrown;
      error = toSnakepitError(thrown);
      failures.push(failureOf(error, profile ?? resolveConfig(config).pools[pool]?.profile ?? "process"));
    }
  }
  progress.clear();
  if (error !== undefined && runs.length === 0) {
    printError(terminal, error, values.json);
    return EXIT.failed;
  }
  const machine = { cores: availableParallelism(), node: process.versions.node, platform: process.platform };
  const report: BenchReport = { tool: tool ?? "", pool, machine, warmUpMs, durationMs, runs, failures };
  terminal.stdout.write(values.json ? `${JSON.stringify(report)}\n` : benchTable(report));
  return failures.length > 0 || runs.some(({ calls }) => calls === 0) ? EXIT.failed : EXIT.ok;
}

function callersOf(list: string): readonly number[] {
  return list.split(",").map((item) => {
    const text = item.trim();
    const callers = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (callers >= 1 && callers <= MAX_CALLERS) return callers;
    throw new MisuseError(`--concurrency must be a list of integers from 1 to ${MAX_CALLERS}; got "${text}"`);
  });
}

function poolName(config: SnakepitConfig, requested: string | undefined): string {
  const names = Object.keys(resolveConfig(config).pools);
  const [only = DEFAULT_POOL, ...others] = names;
  const name = requested ?? (others.length === 0 ? only : DEFAULT_POOL);
  if (names.includes(name)) return name;
  if (requested === undefined) throw new MisuseError(`--pool is required: the pools are ${names.join(", ")}`);
  throw new MisuseError(`--pool must be ${names.join(" or ")}; got "${requested}"`);
}

/** Returns what a measurement changes in the configuration of the pool. */
function poolChange(
  config: SnakepitConfig,
  pool: string,
  profile: (typeof PROFILES)[number] | undefined,
  workers: number | undefined,
): Partial<PoolConfig> {
  const configured = resolveConfig(config).pools[pool];
  // A capacity belongs to the profile that it was configured for.
  const isOther = profile !== undefined && profile !== configured?.profile;
  return {
    ...(workers !== undefined && { size: workers }),
    ...(profile !== undefined && { profile }),
    ...(isOther && { capacity: undefined }),
  };
}

function withPool(config: SnakepitConfig, pool: string, change: Partial<PoolConfig>): SnakepitConfig {
  if (config.pools === undefined) return { ...config, ...change };
  const { [pool]: configured, ...others } = config.pools;
  if (configured === undefined) return config;
  return { ...config, pools: { ...others, [pool]: { ...configured, ...change } } };
}

function failureOf({ code, message, python }: SnakepitError, profile: string): BenchFailure {
  const exception = python && { type: python.type, message: python.message, traceback: python.traceback };
  return { profile, code, message, ...(exception && { python: exception }) };
}
