import { EXIT, type Invocation } from "../command.ts";
import { readSystemLimits } from "../system/system-limits.ts";
import { type OutputStream, styleOf } from "../terminal/output-stream.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { type Ceiling, computeScale, MAX_WORKERS, type Scale } from "./ceilings.ts";
import { measureWorkers } from "./measure-workers.ts";

/** The values of the options of `snakepit scale`. */
export interface ScaleValues {
  readonly to: number | undefined;
  readonly python: string | undefined;
  readonly json: boolean;
}

/** The tools of the bridge, which import no libraries. */
const EXAMPLE_TARGET = "snakepit_bridge.showcase.general:ShowcaseAdapter";

/** Runs `snakepit scale`. */
export async function runScale({ values, positionals, terminal, signal }: Invocation<ScaleValues>): Promise<number> {
  const [target = EXAMPLE_TARGET] = positionals;
  using progress = new ProgressLine(terminal.stderr);
  const limits = readSystemLimits();
  const measurement = await measureWorkers({
    target,
    python: values.python,
    signal,
    onStep: (title) => progress.show(title),
  });
  progress.clear();
  const scale = computeScale(limits, measurement);
  const { to } = values;
  terminal.stdout.write(
    values.json ? `${JSON.stringify(scaleData(target, scale, to))}\n` : scaleText(target, scale, to, terminal.stdout),
  );
  return to !== undefined && to > ceilingOf(scale) ? EXIT.failed : EXIT.ok;
}

/** The number of workers that all resources allow. */
function ceilingOf({ ceilings }: Scale): number {
  return ceilings[0]?.workers ?? MAX_WORKERS;
}

function scaleData(target: string, scale: Scale, to: number | undefined): object {
  const ceiling = ceilingOf(scale);
  return {
    target,
    ceiling,
    bottleneck: scale.ceilings[0]?.resource ?? null,
    ...(to !== undefined && { to, reached: to <= ceiling }),
    processors: scale.processors,
    measured: scale.measurement,
    resources: scale.ceilings,
  };
}

function scaleText(target: string, scale: Scale, to: number | undefined, stream: OutputStream): string {
  const style = styleOf(stream);
  const { measurement, processors, ceilings } = scale;
  const { workers, firstReadyMs, startedPerSecond, threads } = measurement;
  const [bottleneck] = ceilings;
  const ceiling = ceilingOf(scale);
  const rows = ceilings.map((each) => [
    each.resource,
    amount(each, each.available),
    amount(each, each.perWorker),
    String(each.workers),
  ]);
  const lines = [
    `Measured with ${workers} workers of ${target}: the first ready after ${Math.round(firstReadyMs)} ms, then ${Math.round(startedPerSecond)} per second${threads === undefined ? "" : `, ${threads} threads each`}.`,
    "",
    ...table([["resource", "available", "per worker", "workers"], ...rows]).map((line, index) =>
      index === 0 ? style("bold", line) : line,
    ),
    "",
    bottleneck === undefined
      ? `No limit was found; a pool has at most ${MAX_WORKERS} workers.`
      : `Ceiling: about ${ceiling} workers. Bottleneck: ${bottleneck.resource} (${bottleneck.remedy}).`,
    `Processors: ${processors}. More than ${processors} workers that compute at the same time share them; workers that wait do not.`,
    ...(to === undefined ? [] : [verdict(to, scale)]),
  ];
  return `${lines.join("\n")}\n`;
}

function verdict(to: number, scale: Scale): string {
  const { ceilings, measurement } = scale;
  const lacking = ceilings.filter(({ workers }) => workers < to);
  const seconds = Math.ceil(to / measurement.startedPerSecond);
  if (lacking.length === 0) return `${to} workers can run; starting them takes about ${seconds} s.`;
  const raise = lacking.map((each) => `${each.resource}: ${amount(each, each.perWorker * to)} (${each.remedy})`);
  return `${to} workers need more than is available: ${raise.join("; ")}.`;
}

function amount({ resource }: Ceiling, value: number): string {
  if (resource === "memory") return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(1)} GB`;
  return `${value} ${resource === "open files" ? "files" : "threads"}`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("   "),
  );
}
