import { readTraceparent } from "@snakepit/core";
import type { HostMetrics, ReadOptions } from "./host-metrics.ts";
import { DURATION_BOUNDS, type InstrumentDefinition, type SeriesAttributes } from "./instrument-definition.ts";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  INSTRUMENT_NAMES,
  INSTRUMENTS,
  type InstrumentName,
} from "./instruments.ts";
import type { MetricsFormat } from "./metrics-format.ts";
import { labelName, prometheusName } from "./prometheus-names.ts";
import type { Exemplar, HistogramSeries } from "./series.ts";

interface Sample {
  readonly value: number;
  readonly attributes: SeriesAttributes;
}

/**
 * Returns the metrics of a host in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format) or in that of OpenMetrics
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/), which has exemplars. The samples are the same.
 */
export function metricsText(metrics: HostMetrics, format: MetricsFormat, options: ReadOptions): string {
  const observed = new Map<InstrumentName, Sample[]>();
  metrics.observe(
    {
      observe(name, value, attributes) {
        const samples = observed.get(name);
        if (samples === undefined) observed.set(name, [{ value, attributes }]);
        else samples.push({ value, attributes });
      },
    },
    options,
  );
  const families = INSTRUMENT_NAMES.map((name) => {
    const lines = linesOf(name, metrics, observed.get(name) ?? [], format);
    return lines.length === 0 ? "" : `${head(name, format)}${lines.join("")}`;
  });
  return format === "openmetrics" ? `${families.join("")}# EOF\n` : families.join("");
}

function linesOf(
  name: InstrumentName,
  { series }: HostMetrics,
  observed: readonly Sample[],
  format: MetricsFormat,
): readonly string[] {
  const inPrometheus = prometheusName(name);
  if (isKind(name, "histogram")) {
    return Array.from(series.histograms(name), (each) => histogramLines(inPrometheus, each, format));
  }
  const recorded = isKind(name, "counter") ? Array.from(series.counters(name)) : [];
  return [...observed, ...recorded].map(({ value, attributes }) => line(inPrometheus, attributes, value));
}

function histogramLines(name: string, series: HistogramSeries, format: MetricsFormat): string {
  const { attributes, counts, sum, exemplars } = series;
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const bucket = line(`${name}_bucket`, attributes, total, boundOf(DURATION_BOUNDS[index]));
    const exemplar = format === "openmetrics" ? exemplarText(exemplars[index]) : "";
    return exemplar === "" ? bucket : `${bucket.trimEnd()}${exemplar}\n`;
  });
  return `${buckets.join("")}${line(`${name}_sum`, attributes, sum)}${line(`${name}_count`, attributes, total)}`;
}

/** Returns an upper bound as OpenMetrics requires it: a whole number has a decimal. */
function boundOf(bound: number | undefined): string {
  if (bound === undefined) return "+Inf";
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function exemplarText(exemplar: Exemplar | undefined): string {
  const trace = readTraceparent(exemplar?.traceparent);
  if (exemplar === undefined || trace === undefined) return "";
  const { traceId, spanId } = trace;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${exemplar.value} ${exemplar.at / 1_000}`;
}

function head(name: InstrumentName, format: MetricsFormat): string {
  const { kind, text, unit }: InstrumentDefinition = INSTRUMENTS[name];
  const inPrometheus = prometheusName(name);
  if (format === "prometheus") return `# HELP ${inPrometheus} ${escaped(text)}\n# TYPE ${inPrometheus} ${kind}\n`;
  // The samples of a counter have the suffix, its family does not.
  const family = kind === "counter" ? inPrometheus.replace(/_total$/, "") : inPrometheus;
  const unitLine = UNITS.has(unit) ? `# UNIT ${family} ${UNITS.get(unit)}\n` : "";
  return `# HELP ${family} ${quoted(text)}\n# TYPE ${family} ${kind}\n${unitLine}`;
}

/** The units that are the suffixes of names. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ["s", "seconds"],
  ["By", "bytes"],
]);

/** @param le the upper bound of a bucket. */
function line(name: string, attributes: SeriesAttributes, value: number, le?: string): string {
  const labels = Object.entries(attributes).map(([attribute, label]) => `${labelName(attribute)}="${quoted(label)}"`);
  if (le !== undefined) labels.push(`le="${le}"`);
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '\\"');
}

type NamesByKind = { readonly counter: CounterName; readonly gauge: GaugeName; readonly histogram: HistogramName };

/** Whether an instrument is of a kind. */
export function isKind<Kind extends keyof NamesByKind>(name: InstrumentName, kind: Kind): name is NamesByKind[Kind] {
  return INSTRUMENTS[name].kind === kind;
}
