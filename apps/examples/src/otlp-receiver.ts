// A small receiver of OTLP over HTTP, in place of a collector.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
}

interface ExportRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** Starts the receiver. */
export async function startReceiver() {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as ExportRequest;
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;

  const below = (parentId: string, indent: string): string[] =>
    spans
      .filter((span) => (span.parentSpanId ?? "") === parentId)
      .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      .flatMap(({ name, spanId }) => [indent + name, ...below(spanId, `${indent}  `)]);

  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    /** Returns the names of the spans, indented below their parents. */
    tree: () => below("", ""),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
