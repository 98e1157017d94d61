import { DURATION_BOUNDS, type SeriesAttributes } from "./instrument-definition.ts";
import type { AttributesOf, CounterName, HistogramName } from "./instruments.ts";

/** The index of the last digit in `00-<trace ID>-<span ID>-01`. */
const FLAGS_END = 54;

/** A counter with one set of attributes. */
export class CounterSeries {
  readonly attributes: SeriesAttributes;
  value = 0;

  constructor(attributes: SeriesAttributes) {
    this.attributes = attributes;
  }
}

/** A measured value with the trace of its call. */
export interface Exemplar {
  /** W3C trace context; that of a caller may be invalid. */
  readonly traceparent: string;
  /** The value in seconds. */
  readonly value: number;
  /** When it was measured, in milliseconds since 1970. */
  readonly at: number;
}

/** A histogram of durations with one set of attributes. */
export class HistogramSeries {
  readonly attributes: SeriesAttributes;
  /** Numbers of values up to each of {@link DURATION_BOUNDS} and above the one before; the last has no bound. */
  readonly counts: number[] = new Array<number>(DURATION_BOUNDS.length + 1).fill(0);
  /** Sum of the values in seconds. */
  sum = 0;
  /** The last value of each bucket whose call belongs to a sampled trace; without such calls, none. */
  exemplars: (Exemplar | undefined)[] = [];

  constructor(attributes: SeriesAttributes) {
    this.attributes = attributes;
  }

  /** @param traceparent the W3C trace context of the call. */
  record(seconds: number, traceparent?: string): void {
    let low = 0;
    let high = DURATION_BOUNDS.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seconds <= (DURATION_BOUNDS[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] ?? 0) + 1;
    this.sum += seconds;
    if (traceparent !== undefined && isSampled(traceparent)) {
      this.exemplars[low] = { traceparent, value: seconds, at: Date.now() };
    }
  }

  /** The number of values. */
  get count(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }
}

/** Is notified of each duration that is recorded by name, with its seconds. */
export type DurationListener = (name: HistogramName, seconds: number, attributes: SeriesAttributes) => void;

/** The series of the counters and histograms of a host, created by the first measurement. */
export class SeriesTable {
  readonly #counters = new Map<CounterName, Map<string, CounterSeries>>();
  readonly #histograms = new Map<HistogramName, Map<string, HistogramSeries>>();
  /** Receives the durations of {@link record}, for histograms of OpenTelemetry. */
  onDuration: DurationListener | undefined;

  /** Returns a counter. Callers of a frequent measurement keep it. */
  counter<Name extends CounterName>(name: Name, attributes: AttributesOf<Name>): CounterSeries {
    return seriesOf(this.#counters, name, attributes, CounterSeries);
  }

  /** Returns a histogram. Callers of a frequent measurement keep it. */
  histogram<Name extends HistogramName>(name: Name, attributes: AttributesOf<Name>): HistogramSeries {
    return seriesOf(this.#histograms, name, attributes, HistogramSeries);
  }

  add<Name extends CounterName>(name: Name, attributes: AttributesOf<Name>, value = 1): void {
    this.counter(name, attributes).value += value;
  }

  /** Records a duration, of a call with a trace context. */
  record<Name extends HistogramName>(
    name: Name,
    attributes: AttributesOf<Name>,
    seconds: number,
    traceparent?: string,
  ): void {
    this.histogram(name, attributes).record(seconds, traceparent);
    this.onDuration?.(name, seconds, attributes);
  }

  counters(name: CounterName): Iterable<CounterSeries> {
    return this.#counters.get(name)?.values() ?? [];
  }

  histograms(name: HistogramName): Iterable<HistogramSeries> {
    return this.#histograms.get(name)?.values() ?? [];
  }
}

/** Whether the last digit of the flags of a trace context, which is that of the flag *sampled*, is odd. */
function isSampled(traceparent: string): boolean {
  return "13579bdf".includes(traceparent[FLAGS_END] ?? " ");
}

function seriesOf<Name, Series>(
  table: Map<Name, Map<string, Series>>,
  name: Name,
  attributes: SeriesAttributes,
  Series: new (attributes: SeriesAttributes) => Series,
): Series {
  let series = table.get(name);
  if (series === undefined) {
    series = new Map();
    table.set(name, series);
  }
  // Names of tools and error codes contain no control characters; the order of the attributes is that of one caller.
  const key = Object.values(attributes).join("\n");
  let found = series.get(key);
  if (found === undefined) {
    found = new Series(attributes);
    series.set(key, found);
  }
  return found;
}
