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
import { labelName, prometheusName } from "./prometheus-names.ts";
import type { HistogramSeries } from "./series.ts";

/** The content type of {@link prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Sample {
  readonly value: number;
  readonly attributes: SeriesAttributes;
}

/**
 * Returns the metrics of a host in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
 */
export function prometheusText(metrics: HostMetrics, options: ReadOptions): string {
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
    const lines = linesOf(name, metrics, observed.get(name) ?? []);
    return lines.length === 0 ? "" : `${head(name)}${lines.join("")}`;
  });
  return families.join("");
}

function linesOf(name: InstrumentName, { series }: HostMetrics, observed: readonly Sample[]): readonly string[] {
  const inPrometheus = prometheusName(name);
  if (isKind(name, "histogram")) {
    return Array.from(series.histograms(name), (each) => histogramLines(inPrometheus, each));
  }
  const recorded = isKind(name, "counter") ? Array.from(series.counters(name)) : [];
  return [...observed, ...recorded].map(({ value, attributes }) => line(inPrometheus, attributes, value));
}

function histogramLines(name: string, series: HistogramSeries): string {
  const { attributes, counts, sum } = series;
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return line(`${name}_bucket`, attributes, total, String(DURATION_BOUNDS[index] ?? "+Inf"));
  });
  return `${buckets.join("")}${line(`${name}_sum`, attributes, sum)}${line(`${name}_count`, attributes, total)}`;
}

function head(name: InstrumentName): string {
  const { kind, text }: InstrumentDefinition = INSTRUMENTS[name];
  const inPrometheus = prometheusName(name);
  return `# HELP ${inPrometheus} ${escaped(text)}\n# TYPE ${inPrometheus} ${kind}\n`;
}

/** @param le the upper bound of a bucket. */
function line(name: string, attributes: SeriesAttributes, value: number, le?: string): string {
  const labels = Object.entries(attributes).map(
    ([attribute, label]) => `${labelName(attribute)}="${escaped(label).replaceAll('"', '\\"')}"`,
  );
  if (le !== undefined) labels.push(`le="${le}"`);
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

type NamesByKind = { readonly counter: CounterName; readonly gauge: GaugeName; readonly histogram: HistogramName };

/** Whether an instrument is of a kind. */
export function isKind<Kind extends keyof NamesByKind>(name: InstrumentName, kind: Kind): name is NamesByKind[Kind] {
  return INSTRUMENTS[name].kind === kind;
}
