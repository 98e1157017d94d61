import type { Attributes, Context, Histogram, Meter } from "@opentelemetry/api";
import type { CallInfo, SnakepitError } from "@snakepit/core";
import type { HostMetrics } from "../metrics/host-metrics.ts";
import { DURATION_BOUNDS, type InstrumentDefinition } from "../metrics/instrument-definition.ts";
import { type HistogramName, INSTRUMENT_NAMES, INSTRUMENTS, type InstrumentName } from "../metrics/instruments.ts";
import { isKind } from "../metrics/prometheus-text.ts";
import { ATTRIBUTE } from "./conventions.ts";

/** The instruments of one meter. Durations of calls are recorded in the context of their span. */
export interface CallMetrics {
  dispatched(call: CallInfo, queueMs: number, context: Context): void;
  executed(call: CallInfo, executionMs: number, context: Context): void;
  ended(call: CallInfo, durationMs: number, error: SnakepitError | undefined, context: Context): void;
  /** Stops the observation of the host. */
  release(): void;
}

/**
 * Creates the instruments, and starts to measure calls.
 *
 * @param onFailure is called with what an instrument has thrown outside of a call.
 */
export function createCallMetrics(
  meter: Meter,
  metrics: HostMetrics,
  onFailure: (thrown: unknown) => void,
): CallMetrics {
  const histograms = new Map<InstrumentName, Histogram>();
  for (const name of INSTRUMENT_NAMES.filter((each) => isKind(each, "histogram"))) {
    const advice = { explicitBucketBoundaries: [...DURATION_BOUNDS] };
    histograms.set(name, meter.createHistogram(name, { ...describe(name), advice }));
  }
  const stopObserving = observeHost(meter, metrics);
  metrics.series.onDuration = (name, seconds, attributes) => {
    try {
      histograms.get(name)?.record(seconds, { ...attributes });
    } catch (thrown) {
      onFailure(thrown);
    }
  };
  const stopMeasuring = metrics.start();
  const record = (name: HistogramName, ms: number, attributes: Attributes, context: Context) =>
    histograms.get(name)?.record(ms / 1_000, attributes, context);
  const attributesOf = (call: CallInfo, error?: SnakepitError): Attributes => ({
    [ATTRIBUTE.pool]: call.pool,
    [ATTRIBUTE.tool]: metrics.tools.of(call.tool, error),
    ...(error !== undefined && { [ATTRIBUTE.errorType]: error.code }),
  });
  return {
    dispatched: (call, queueMs, context) => record("snakepit.queue.duration", queueMs, attributesOf(call), context),
    executed: (call, ms, context) => record("snakepit.call.execution.duration", ms, attributesOf(call), context),
    ended: (call, ms, error, context) => record("snakepit.call.duration", ms, attributesOf(call, error), context),
    release() {
      metrics.series.onDuration = undefined;
      stopMeasuring();
      stopObserving();
    },
  };
}

/** Creates the counters and gauges, whose values are read when the SDK collects them. */
function observeHost(meter: Meter, metrics: HostMetrics): () => void {
  const counters = INSTRUMENT_NAMES.filter((name) => isKind(name, "counter")).map(
    (name) => [name, meter.createObservableCounter(name, describe(name))] as const,
  );
  const gauges = INSTRUMENT_NAMES.filter((name) => isKind(name, "gauge")).map(
    (name) => [name, meter.createObservableGauge(name, describe(name))] as const,
  );
  const instruments = new Map<InstrumentName, (typeof counters | typeof gauges)[number][1]>([...counters, ...gauges]);
  const observe: Parameters<Meter["addBatchObservableCallback"]>[0] = (result) => {
    metrics.observe({
      observe(name, value, attributes) {
        const instrument = instruments.get(name);
        if (instrument !== undefined) result.observe(instrument, value, { ...attributes });
      },
    });
    for (const [name, instrument] of counters) {
      for (const { value, attributes } of metrics.series.counters(name)) {
        result.observe(instrument, value, { ...attributes });
      }
    }
  };
  const observed = [...instruments.values()];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

function describe(name: InstrumentName): { readonly unit: string; readonly description: string } {
  const { unit, text }: InstrumentDefinition = INSTRUMENTS[name];
  return { unit, description: text };
}
