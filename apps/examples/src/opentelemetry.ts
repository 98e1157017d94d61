// One trace from an HTTP request through TypeScript and Python to a function of the host, exported over OTLP.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SpanKind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { hostTool, python, Snakepit } from "snakepit";
import { startReceiver } from "./otlp-receiver.ts";

// In an application, a collector or a service: OTEL_EXPORTER_OTLP_ENDPOINT. Here, a receiver that prints the trace.
const receiver = await startReceiver();
const exporter = new OTLPTraceExporter({ url: receiver.url });
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
provider.register();

{
  const worker = python(new URL("../tools/traced.py", import.meta.url));
  await using pit = await Snakepit.start({ worker, size: 2, logger: false });
  pit.on("worker.log", ({ message, traceId }) => console.log(`Python: ${message}, traced: ${traceId !== undefined}`));
  pit.hostTools.register([
    hostTool({
      name: "look_up",
      description: "Looks a word up.",
      run: ({ word }: { word: string }) => pit.execute<string>("translate", { word }),
    }),
  ]);

  // An instrumentation of HTTP creates this span in an application.
  const server = createServer(async (_, response) => {
    await trace.getTracer("http").startActiveSpan("GET /", { kind: SpanKind.SERVER }, async (request) => {
      response.end(await pit.execute<string>("answer", { question: "hello world" }));
      request.end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  console.log(await (await fetch(`http://127.0.0.1:${port}/`)).text());
  server.close();
  server.closeAllConnections();
}

await provider.shutdown();
for (const line of receiver.tree()) console.log(line);
await receiver.close();
