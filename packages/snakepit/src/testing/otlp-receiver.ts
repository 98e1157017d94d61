import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A span as it arrives in OTLP (https://opentelemetry.io/docs/specs/otlp/), in JSON. */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly OtlpAttribute[] }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

/** A span that was received. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly isError: boolean;
}

/** Receives the spans of any OpenTelemetry SDK over HTTP, as a collector does. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<OtlpReceiver> {
    const server = createServer(async (request, response) => {
      const { resourceSpans } = JSON.parse(await text(request)) as OtlpRequest;
      const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
      receiver.spans.push(...spans.map(received));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const receiver = new OtlpReceiver(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return receiver;
  }

  /** The URL for exporters of traces. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
  }

  /** Returns a trace as lines, one for each span in the order of their times, indented below its parent. */
  tree(traceId: string): string[] {
    const spans = this.spans.filter((span) => span.traceId === traceId).sort(byTime);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const below = (parentId: string | undefined, depth: number): string[] =>
      spans
        .filter(({ parentSpanId }) =>
          parentId === undefined ? !ids.has(parentSpanId ?? "") : parentSpanId === parentId,
        )
        .flatMap(({ name, spanId }) => [`${"  ".repeat(depth)}${name}`, ...below(spanId, depth + 1)]);
    return below(undefined, 0);
  }

  /** Returns the only span of this name. */
  span(name: string): ReceivedSpan {
    const [span, ...others] = this.spans.filter((each) => each.name === name);
    if (span === undefined || others.length > 0) {
      throw new Error(`expected one span ${name}; got ${this.spans.map((each) => each.name).join(", ")}`);
    }
    return span;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

function byTime(a: ReceivedSpan, b: ReceivedSpan): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.end < b.end ? -1 : 1;
}

function received(span: OtlpSpan): ReceivedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId === "" ? undefined : span.parentSpanId,
    name: span.name,
    kind: span.kind,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: attributesOf(attributes) })),
    isError: span.status?.code === 2,
  };
}

function attributesOf(attributes: readonly OtlpAttribute[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, scalarOf(value)]));
}

function scalarOf(value: Readonly<Record<string, unknown>>): unknown {
  if ("intValue" in value) return Number(value["intValue"]);
  if ("arrayValue" in value) {
    const { values = [] } = value["arrayValue"] as { values?: readonly Readonly<Record<string, unknown>>[] };
    return values.map(scalarOf);
  }
  return value["stringValue"] ?? value["doubleValue"] ?? value["boolValue"];
}
