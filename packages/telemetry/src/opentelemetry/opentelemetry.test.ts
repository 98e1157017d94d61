import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace-base";
import { type CallInfo, SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { createTelemetry } from "../telemetry.ts";
import { type OtelSdk, setUpOtelSdk } from "../testing/otel-sdk.ts";

const CALL: CallInfo = { pool: "ml", tool: "predict", correlationId: "c-1", streaming: false };
const POOL_TOOL = { "snakepit.pool": "ml", "snakepit.tool": "predict" };

/** Returns the spans of calls, without their children. */
function calls(sdk: OtelSdk) {
  return sdk.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
}

async function startedTelemetry() {
  const telemetry = createTelemetry({ logger: false });
  await telemetry.ready();
  return telemetry;
}

test("without an SDK, no call is traced", async () => {
  const telemetry = await startedTelemetry();
  expect(telemetry.startCall(CALL)).toBeUndefined();
});

test("a call becomes a client span within the span of the caller, with pool, tool, worker and correlation id", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  const tracer = trace.getTracer("test");
  tracer.startActiveSpan("caller", (caller) => {
    const traced = telemetry.startCall({ ...CALL, sessionId: "s-1" });
    traced?.dispatched("ml-3");
    traced?.ended();
    caller.end();
  });
  const [queue, call, caller] = sdk.spans();
  expect(call).toMatchObject({
    name: "snakepit.execute predict",
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      ...POOL_TOOL,
      "snakepit.call.id": "c-1",
      "snakepit.session.id": "s-1",
      "snakepit.worker.id": "ml-3",
    },
  });
  expect(call?.attributes["snakepit.queue.duration_ms"]).toBeGreaterThanOrEqual(0);
  expect(call?.events.map(({ name }) => name)).toEqual(["snakepit.dispatched"]);
  expect(call?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
  expect(queue).toMatchObject({ name: "snakepit.queue", startTime: call?.startTime });
  expect(queue?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
});

test("the tool receives the trace context of the span", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  const traced = telemetry.startCall({ ...CALL, streaming: true });
  traced?.ended();
  const [span] = calls(sdk);
  expect(span?.name).toBe("snakepit.stream predict");
  expect(traced?.traceparent).toBe(`00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
});

test("an unsampled trace is propagated, so that the tool does not sample it either", async () => {
  await using sdk = setUpOtelSdk({ sampler: new AlwaysOffSampler() });
  const telemetry = await startedTelemetry();
  const traced = telemetry.startCall(CALL);
  traced?.dispatched("ml-1");
  traced?.ended(new SnakepitError("CANCELLED", "gave up"));
  expect(traced?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(sdk.spans()).toEqual([]);
});

test("a Python exception is recorded in the span with its type and traceback", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  const python = {
    type: "ZeroDivisionError",
    module: "builtins",
    message: "division by zero",
    traceback: "Traceback …",
    notes: [],
  };
  telemetry.startCall(CALL)?.ended(new SnakepitError("PYTHON_EXCEPTION", "it failed", { python }));
  const [span] = calls(sdk);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "it failed" });
  expect(span?.attributes["error.type"]).toBe("PYTHON_EXCEPTION");
  expect(span?.events[0]?.attributes).toEqual({
    "exception.type": "builtins.ZeroDivisionError",
    "exception.message": "division by zero",
    "exception.stacktrace": "Traceback …",
  });
});

test("calls, their duration and their time in the queue are measured by pool, tool and error", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  for (const error of [undefined, undefined, new SnakepitError("CANCELLED", "gave up")]) {
    const traced = telemetry.startCall(CALL);
    traced?.dispatched("ml-1");
    traced?.ended(error);
  }
  const calls = await sdk.metric("snakepit.calls");
  expect(calls?.dataPoints.map(({ attributes, value }) => [attributes, value])).toEqual([
    [POOL_TOOL, 2],
    [{ ...POOL_TOOL, "error.type": "CANCELLED" }, 1],
  ]);
  expect((await sdk.metric("snakepit.call.duration"))?.dataPoints[0]).toMatchObject({ value: { count: 2 } });
  const queue = await sdk.metric("snakepit.queue.duration");
  expect(queue?.descriptor.unit).toBe("s");
  expect(queue?.dataPoints[0]).toMatchObject({ attributes: POOL_TOOL, value: { count: 3 } });
});

test("the name of an unknown tool creates no time series", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  telemetry.startCall(CALL)?.ended(new SnakepitError("UNKNOWN_TOOL", "no such tool"));
  expect((await sdk.metric("snakepit.calls"))?.dataPoints[0]?.attributes).toMatchObject({
    "snakepit.tool": "_unknown",
  });
});

test("workers and restarts are counted from the start, even for an SDK that is set up later", async () => {
  const telemetry = await startedTelemetry();
  const ready = (workerId: string) => telemetry.emit("worker.ready", { pool: "ml", workerId, pid: 1, durationMs: 1 });
  const exited = (workerId: string, requested: boolean) =>
    telemetry.emit("worker.exited", { pool: "ml", workerId, pid: 1, exit: { requested, stderrTail: "" } });
  ready("1");
  ready("2");
  ready("3");
  exited("1", false);
  exited("never-ready", false);
  ready("4");
  exited("2", true);
  await using sdk = setUpOtelSdk();
  await telemetry.ready();
  const workers = await sdk.metric("snakepit.pool.workers");
  expect(workers?.dataPoints).toMatchObject([{ value: 2, attributes: { "snakepit.pool": "ml" } }]);
  expect((await sdk.metric("snakepit.worker.restarts"))?.dataPoints).toMatchObject([{ value: 1 }]);
});

test("an SDK that is set up after the first calls traces the later ones", async () => {
  const telemetry = await startedTelemetry();
  expect(telemetry.startCall(CALL)).toBeUndefined();
  await using sdk = setUpOtelSdk();
  telemetry.startCall(CALL)?.ended();
  await telemetry.ready();
  telemetry.startCall(CALL)?.ended();
  expect(sdk.spans().length).toBeGreaterThan(0);
});

test("an SDK that replaces another one traces the calls", async () => {
  const telemetry = await startedTelemetry();
  {
    await using first = setUpOtelSdk();
    await telemetry.ready();
    telemetry.startCall(CALL)?.ended();
    expect(calls(first)).toHaveLength(1);
  }
  expect(telemetry.startCall(CALL)).toBeUndefined();
  await using second = setUpOtelSdk();
  telemetry.startCall(CALL)?.ended();
  expect(calls(second)).toHaveLength(1);
  // Counters have the calls that were measured for the first one, too.
  expect((await second.metric("snakepit.calls"))?.dataPoints).toMatchObject([{ value: 2 }]);
});

test("a call outside any span begins a new trace", async () => {
  await using sdk = setUpOtelSdk();
  const telemetry = await startedTelemetry();
  expect(trace.getSpan(context.active())).toBeUndefined();
  telemetry.startCall(CALL)?.ended();
  expect(calls(sdk)[0]?.parentSpanContext).toBeUndefined();
});
