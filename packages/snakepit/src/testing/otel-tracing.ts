import { context, propagation, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/** The OpenTelemetry SDK of an application, which exports spans over OTLP. */
export interface OtelTracing extends AsyncDisposable {
  /** Exports all spans that have ended. */
  flush(): Promise<void>;
}

/** Sets up the SDK, as an application would, until it is disposed of. */
export function setUpTracing(url: string): OtelTracing {
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url }));
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  return {
    flush: () => provider.forceFlush(),
    async [Symbol.asyncDispose]() {
      trace.disable();
      context.disable();
      propagation.disable();
      await provider.shutdown();
    },
  };
}
