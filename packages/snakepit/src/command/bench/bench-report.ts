import type { PythonFailure } from "@snakepit/core";
import type { BusyCores } from "./processor-time.ts";

/** The results of `snakepit bench`. */
export interface BenchReport {
  readonly tool: string;
  readonly pool: string;
  readonly machine: { readonly cores: number; readonly node: string; readonly platform: string };
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly runs: readonly BenchRun[];
  /** Profiles that could not be measured. */
  readonly failures: readonly BenchFailure[];
}

/** The measurement of one profile with one number of callers. */
export interface BenchRun {
  readonly profile: string;
  readonly workers: number;
  /** Number of callers. */
  readonly concurrency: number;
  /** The real length of the measurement. */
  readonly durationMs: number;
  /** Calls that succeeded. */
  readonly calls: number;
  readonly callsPerSecond: number;
  /** The same for each fifth of the measurement. */
  readonly callsPerSecondByPart: readonly number[];
  /** Of successful calls, in milliseconds; `null` if there are too few calls. */
  readonly latencyMs: LatencyMs;
  /** The part of the latency before calls were sent to a worker, from 0 to 1; `null` without calls. */
  readonly queueShare: number | null;
  readonly cores: BusyCores;
  /** Failed calls by error code. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface LatencyMs {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Why a profile could not be measured. */
export interface BenchFailure {
  readonly profile: string;
  readonly code: string;
  readonly message: string;
  readonly python?: Pick<PythonFailure, "type" | "message" | "traceback">;
}

/** Rows of a table, the first of which has the titles. */
type Row = readonly string[];

/** Returns the results as a table with notes. */
export function benchTable({ tool, pool, machine, durationMs, warmUpMs, runs, failures }: BenchReport): string {
  const titles: Row = ["profile", "workers", "callers", "calls/s", "±", "p50", "p95", "p99", "max", "queue"];
  const cores: Row = ["host", "workers"];
  const rows = [[...titles, ...cores.map((each) => `cores: ${each}`), "failed"], ...runs.map(tableRow)];
  const heading = `${tool} in pool "${pool}", ${machine.cores} cores, Node.js ${machine.node}, ${machine.platform}; ${durationMs / 1000} s each after ${warmUpMs / 1000} s of warm-up; latencies in milliseconds`;
  const notes = [...runs.flatMap(notesOf), ...failures.map(({ profile, message }) => `${profile}: ${message}`)];
  const table = runs.length === 0 ? "" : `\n${aligned(rows)}`;
  return `${heading}\n${table}${notes.length === 0 ? "" : `\n${notes.map((note) => `${note}\n`).join("")}`}`;
}

function tableRow(run: BenchRun): Row {
  const { mean: _mean, ...latency } = run.latencyMs;
  return [
    run.profile,
    String(run.workers),
    String(run.concurrency),
    run.callsPerSecond.toLocaleString("en-US", { maximumFractionDigits: run.callsPerSecond < 100 ? 1 : 0 }),
    spread(run.callsPerSecondByPart),
    ...Object.values(latency).map(milliseconds),
    run.queueShare === null ? "–" : percent(run.queueShare),
    run.cores.host.toFixed(2),
    run.cores.workers === null ? "–" : run.cores.workers.toFixed(2),
    String(Object.values(run.errors).reduce((sum, count) => sum + count, 0)),
  ];
}

/** Returns half of the difference between the fastest and the slowest part, relative to their mean. */
function spread(parts: readonly number[]): string {
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return mean === 0 ? "–" : percent((Math.max(...parts) - Math.min(...parts)) / 2 / mean);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(0)} %`;
}

function milliseconds(value: number | null): string {
  if (value === null) return "–";
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** The cores that one JavaScript thread can use; above, the callers and the host limit the throughput. */
const BUSY_HOST = 0.9;

function notesOf(run: BenchRun): readonly string[] {
  const where = `${run.profile}, ${run.concurrency} callers:`;
  const failed = Object.entries(run.errors).map(([code, count]) => `${count} × ${code}`);
  return [
    ...(failed.length > 0 ? [`${where} failed calls: ${failed.join(", ")}`] : []),
    ...(run.calls === 0 && failed.length === 0
      ? [`${where} no call ended within the measurement; set a longer --duration`]
      : []),
    ...(run.cores.host >= BUSY_HOST ? [`${where} the process of the host and the callers used a whole core`] : []),
  ];
}

function aligned(rows: readonly Row[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  return lines.map((line) => `${line.join("  ").trimEnd()}\n`).join("");
}
