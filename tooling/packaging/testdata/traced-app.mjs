// Sets up an OpenTelemetry SDK like an application, traces a call, and prints the names of the spans.
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTelemetry } from "@snakepit/telemetry";

async function main() {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const telemetry = createTelemetry();
  await telemetry.ready();
  telemetry.startCall({ pool: "ml", tool: "predict", correlationId: "c-1", streaming: false })?.ended();
  console.log(JSON.stringify(exporter.getFinishedSpans().map(({ name }) => name)));
}

main();
