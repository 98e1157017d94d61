import { context, metrics, type SpanContext, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  type IAttributesProcessor,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";

/** An OpenTelemetry SDK that is set up and keeps what is exported. */
export interface OtelSdk extends AsyncDisposable {
  spans(): ReadableSpan[];
  /** The metric of this name as of now, or `undefined` when nothing was measured. */
  metric(name: string): Promise<MetricData | undefined>;
  /** The spans in whose contexts a histogram of calls was recorded; exemplars refer to them. */
  measuredIn(histogram: string): readonly (SpanContext | undefined)[];
}

/** Registers the real SDK, as an application would, until it is disposed of. */
export function setUpOtelSdk(options: { readonly sampler?: Sampler } = {}): OtelSdk {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    ...options,
    spanProcessors: [new SimpleSpanProcessor(spanExporter)],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
  const measured = new Map<string, (SpanContext | undefined)[]>();
  const views = ["snakepit.call.duration", "snakepit.queue.duration"].map((instrumentName): ViewOptions => {
    const contexts: (SpanContext | undefined)[] = [];
    measured.set(instrumentName, contexts);
    const process: IAttributesProcessor["process"] = (attributes, from) => {
      contexts.push(from && trace.getSpanContext(from));
      return attributes;
    };
    return { instrumentName, attributesProcessors: [{ process }] };
  });
  const meterProvider = new MeterProvider({ readers: [reader], views });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    measuredIn: (name) => measured.get(name) ?? [],
    spans: () => spanExporter.getFinishedSpans(),
    async metric(name) {
      metricExporter.reset();
      await reader.forceFlush();
      const scopes = metricExporter.getMetrics().flatMap((resource) => resource.scopeMetrics);
      return scopes.flatMap((scope) => scope.metrics).find((metric) => metric.descriptor.name === name);
    },
    async [Symbol.asyncDispose]() {
      trace.disable();
      metrics.disable();
      context.disable();
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}
