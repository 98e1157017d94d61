import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, Metadata } from "@grpc/grpc-js";
import { context, trace } from "@opentelemetry/api";
import { PayloadFormat } from "@snakepit/bridge-proto";
import { BridgeServiceClient } from "@snakepit/gateway/grpc";
import { afterEach, beforeEach, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { type OtelTracing, setUpTracing } from "../testing/otel-tracing.ts";
import { OtlpReceiver } from "../testing/otlp-receiver.ts";

const TOOLS = join(import.meta.dirname, "../testing/tracing_tools.py");
const TRACE_ID = "12".repeat(16);
const CLIENT_SPAN = "34".repeat(8);
const options = commonOptions();

let receiver: OtlpReceiver;
let tracing: OtelTracing;
let pit: Snakepit;
let directory: string;
let client: BridgeServiceClient;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-grpc-trace-"));
  receiver = await OtlpReceiver.open();
  tracing = setUpTracing(receiver.url);
  pit = await Snakepit.start({ ...options(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 });
  const { address } = await pit.serve({ socketPath: join(directory, "pit.sock") });
  client = new BridgeServiceClient(address, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await pit.close();
  await tracing[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function request(tool: string, args: object) {
  const body = Buffer.from(JSON.stringify(args));
  const payload = { format: PayloadFormat.JSON, body, bufferLengths: [] };
  return { tool, args: payload, attachments: [], pool: "", sessionId: undefined, metadata: {} };
}

function metadata(traceparent: string): Metadata {
  const sent = new Metadata();
  sent.set("traceparent", traceparent);
  return sent;
}

function execute(traceparent: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.executeTool(request("look_up", { question: "why" }), metadata(traceparent), (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

test("a call of a gRPC client belongs to the trace in its metadata, a stream too", async () => {
  await execute(`00-${TRACE_ID}-${CLIENT_SPAN}-01`);
  const stream = client.executeStreamingTool(request("count", { to: 2 }), metadata(`00-${TRACE_ID}-${CLIENT_SPAN}-01`));
  for await (const _ of stream);
  await tracing.flush();
  expect(receiver.span("snakepit.execute look_up").parentSpanId).toBe(CLIENT_SPAN);
  expect(receiver.span("snakepit.stream count").parentSpanId).toBe(CLIENT_SPAN);
  expect(receiver.tree(TRACE_ID)).toEqual([
    "snakepit.execute look_up",
    "  snakepit.queue",
    "  snakepit.transport",
    "  snakepit.python look_up",
    "    search",
    "  snakepit.transport",
    "snakepit.stream count",
    "  snakepit.queue",
    "  snakepit.transport",
    "  snakepit.python count",
    "    counting",
    "  snakepit.transport",
  ]);
});

test("an invalid trace context is ignored, and a trace that is not sampled is not recorded", async () => {
  await execute("00-zz-1-01");
  await execute(`00-${TRACE_ID}-${CLIENT_SPAN}-00`);
  await tracing.flush();
  expect(receiver.span("snakepit.execute look_up").parentSpanId).toBeUndefined();
  expect(receiver.tree(TRACE_ID)).toEqual([]);
});

test("an active span of the same trace, such as that of an instrumented server, is the parent", async () => {
  const remote = { traceId: TRACE_ID, spanId: CLIENT_SPAN, traceFlags: 1, isRemote: true };
  const parent = trace.setSpanContext(context.active(), remote);
  const server = trace.getTracer("grpc").startSpan("server", {}, parent);
  const traceparent = `00-${TRACE_ID}-${CLIENT_SPAN}-01`;
  await context.with(trace.setSpan(parent, server), () => pit.execute("look_up", { question: "a" }, { traceparent }));
  server.end();
  const other = `00-${"56".repeat(16)}-${"78".repeat(8)}-01`;
  await context.with(trace.setSpan(parent, server), () => pit.execute("trace_context", {}, { traceparent: other }));
  await tracing.flush();
  expect(receiver.span("snakepit.execute look_up").parentSpanId).toBe(server.spanContext().spanId);
  expect(receiver.span("snakepit.execute trace_context").parentSpanId).toBe("78".repeat(8));
});
