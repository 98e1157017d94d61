import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { hostTool, python, Snakepit, SnakepitError, type WorkerLogRecord } from "../index.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { setUpTracing } from "../testing/otel-tracing.ts";
import { OtlpReceiver } from "../testing/otlp-receiver.ts";

const TOOLS = join(import.meta.dirname, "../testing/tracing_tools.py");
const POOL = { worker: python(TOOLS), size: 2, ...LONG_TIME_LIMITS };
const options = commonOptions();

/** Nanoseconds. */
const TOLERATED = 1_000_000n;
const TRACE_ID = "ab".repeat(16);

/** A host tool that calls Python. */
function answer(pit: Snakepit, pool: string) {
  return hostTool({
    name: "answer",
    description: "Answers a question.",
    run: async ({ question }: { question: string }) => await pit.execute("look_up", { question }, { pool }),
  });
}

/** An HTTP server with a span for each request, as instrumentations of OpenTelemetry create it. */
async function serveHttp(pit: Snakepit) {
  const errors: SnakepitError[] = [];
  const server = createServer((request, response) => {
    const parent = propagation.extract(context.active(), request.headers);
    const span = trace.getTracer("http").startSpan("GET /ask", { kind: SpanKind.SERVER }, parent);
    void context.with(trace.setSpan(parent, span), async () => {
      const question = new URL(request.url ?? "/", "http://localhost").searchParams.get("q") ?? "";
      try {
        const answer = await pit.execute<string>("ask_host", { question });
        response.writeHead(200).end(answer);
      } catch (thrown) {
        if (thrown instanceof SnakepitError) errors.push(thrown);
        response.writeHead(500).end();
      }
      span.end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    errors,
    ask: (question: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}/?q=${encodeURIComponent(question)}`, { headers }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

test("HTTP → TypeScript → Python → host tool → Python is one trace in a receiver of OTLP", async () => {
  await using receiver = await OtlpReceiver.open();
  await using tracing = setUpTracing(receiver.url);
  await using pit = await Snakepit.start({
    ...options(),
    pools: { default: POOL, back: POOL },
  });
  const records: WorkerLogRecord[] = [];
  pit.on("worker.log", (record) => records.push(record));
  pit.hostTools.register([answer(pit, "back")]);
  await using http = await serveHttp(pit);
  const response = await http.ask("why", { traceparent: `00-${TRACE_ID}-${"cd".repeat(8)}-01` });
  expect([response.status, await response.text()]).toEqual([200, "WHY"]);
  await tracing.flush();

  expect(receiver.tree(TRACE_ID)).toEqual([
    "GET /ask",
    "  snakepit.execute ask_host",
    "    snakepit.queue",
    "    snakepit.transport",
    "    snakepit.python ask_host",
    "      prepare",
    "      ask",
    "        snakepit.host_tool answer",
    "          snakepit.execute look_up",
    "            snakepit.queue",
    "            snakepit.transport",
    "            snakepit.python look_up",
    "              search",
    "            snakepit.transport",
    "    snakepit.transport",
  ]);
  expect(receiver.spans.filter(({ traceId }) => traceId !== TRACE_ID)).toEqual([]);

  // Each span lies within its parent. Between two calls, the host may adapt to a corrected clock of the system.
  const byId = new Map(receiver.spans.map((span) => [span.spanId, span]));
  for (const span of receiver.spans) {
    const parent = byId.get(span.parentSpanId ?? "");
    if (parent === undefined || parent.name === "GET /ask") continue;
    expect({
      span: span.name,
      isWithin: span.start + TOLERATED >= parent.start && span.end <= parent.end + TOLERATED,
    }).toEqual({
      span: span.name,
      isWithin: true,
    });
  }

  const call = receiver.span("snakepit.execute ask_host");
  expect(receiver.span("prepare")).toMatchObject({
    attributes: { question: "why" },
    events: [{ name: "question.prepared", attributes: { length: 3, language: "en" } }],
  });
  expect(receiver.span("search").attributes).toEqual({ "search.hits": 3 });
  expect(receiver.span("snakepit.python ask_host").attributes).toMatchObject({
    "snakepit.tool": "ask_host",
    "snakepit.pool": "default",
    "snakepit.call.id": call.attributes["snakepit.call.id"],
    "snakepit.worker.id": call.attributes["snakepit.worker.id"],
  });
  expect(records).toMatchObject([
    {
      message: "the answer has arrived",
      correlationId: call.attributes["snakepit.call.id"],
      traceId: TRACE_ID,
      spanId: receiver.span("ask").spanId,
    },
  ]);
});

test("the error of a call and the spans that it has left carry the IDs of the trace and of the call", async () => {
  await using receiver = await OtlpReceiver.open();
  await using tracing = setUpTracing(receiver.url);
  await using pit = await Snakepit.start({ ...options(), ...POOL });
  pit.hostTools.register([answer(pit, "default")]);
  await using http = await serveHttp(pit);
  expect((await http.ask("?", { traceparent: `00-${TRACE_ID}-${"cd".repeat(8)}-01` })).status).toBe(500);
  await tracing.flush();
  const [error] = http.errors;
  const call = receiver.span("snakepit.execute ask_host");
  expect(error).toMatchObject({ traceId: TRACE_ID, callId: call.attributes["snakepit.call.id"] });
  const failed = receiver.spans.filter(({ isError }) => isError).map(({ name }) => name);
  expect(failed.sort()).toEqual([
    "ask",
    "search",
    "snakepit.execute ask_host",
    "snakepit.execute look_up",
    "snakepit.host_tool answer",
    "snakepit.python ask_host",
    "snakepit.python look_up",
  ]);
  expect(receiver.span("search")).toMatchObject({
    attributes: { "error.type": "ValueError" },
    events: [{ name: "exception", attributes: { "exception.type": "ValueError", "exception.message": "no question" } }],
  });
});

test("a host that was started within a span of the same trace keeps the tree", async () => {
  await using receiver = await OtlpReceiver.open();
  await using tracing = setUpTracing(receiver.url);
  const script = trace.getTracer("script").startSpan("script");
  await context.with(trace.setSpan(context.active(), script), async () => {
    await using pit = await Snakepit.start({ ...options(), ...POOL });
    pit.hostTools.register([answer(pit, "default")]);
    await pit.execute("ask_host", { question: "why" });
  });
  script.end();
  await tracing.flush();
  expect(receiver.span("snakepit.host_tool answer").parentSpanId).toBe(receiver.span("ask").spanId);
  expect(receiver.tree(script.spanContext().traceId)).toHaveLength(receiver.spans.length);
});
