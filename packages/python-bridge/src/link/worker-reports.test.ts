import {
  type EventRecord,
  encodeValue,
  type Frame,
  PayloadFormat,
  type SpanRecord,
  type Telemetry,
} from "@snakepit/bridge-proto";
import {
  type CallTrace,
  type EventName,
  noInstrumentation,
  type SnakepitEvents,
  type WorkerCall,
  type WorkerTelemetryControl,
} from "@snakepit/core";
import { expect, test } from "vitest";
import { sampleCall } from "../testing/linked-worker.ts";
import { WorkerReports } from "./worker-reports.ts";

const TRACE_ID = "ab".repeat(16);
const SPAN_ID = "11".repeat(8);
const OFF: WorkerTelemetryControl = {
  enabled: true,
  sampling: 1,
  traces: false,
  allSpans: false,
  allEvents: false,
  spans: ["*"],
  events: ["*"],
  maxPerSecond: 1_000,
  gc: false,
  sampledCallsPerSecond: 0,
};

function reports(control: WorkerTelemetryControl, call?: WorkerCall) {
  const emitted: [EventName, unknown][] = [];
  const sent: Frame[] = [];
  let listener: ((changed: WorkerTelemetryControl) => void) | undefined;
  const source = {
    control,
    subscribe(added: (changed: WorkerTelemetryControl) => void) {
      listener = added;
      return () => {
        listener = undefined;
      };
    },
  };
  const receiver = new WorkerReports({
    pool: "ml",
    workerId: "ml-1",
    instrumentation: {
      ...noInstrumentation,
      emit: <Name extends EventName>(name: Name, event: SnakepitEvents[Name]) => emitted.push([name, event]),
      listens: { "python.event": true, "python.span": true, "python.gc": true },
      workerTelemetry: source,
    },
    send: (frame) => sent.push(frame),
    callOf: (id) => (id === 7 ? call : undefined),
  });
  const change = (changes: Partial<WorkerTelemetryControl>) => {
    source.control = { ...source.control, ...changes };
    listener?.(source.control);
  };
  return { receiver, emitted, sent, change, isSubscribed: () => listener !== undefined };
}

function payload(value: unknown) {
  return { format: PayloadFormat.MESSAGEPACK, body: encodeValue(value).body, bufferLengths: [] };
}

function telemetry(records: Partial<Telemetry>): Telemetry {
  return { spans: [], events: [], droppedSpans: 0, droppedEvents: 0, collections: [], ...records };
}

function spanRecord(record: Partial<SpanRecord>): SpanRecord {
  return {
    traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`,
    parentSpanId: "",
    name: "load",
    startUnixUs: 1_000,
    endUnixUs: 0,
    attributes: undefined,
    failure: undefined,
    callId: 7,
    execution: false,
    exported: false,
    ...record,
  };
}

function eventRecord(record: Partial<EventRecord>): EventRecord {
  const none = { attributes: undefined, measurements: undefined };
  return { name: "loaded", timeUnixUs: 2_000, callId: 7, spanId: "", ...none, ...record };
}

test("a worker receives no settings while nothing is recorded, and then each change until the link has closed", () => {
  const { receiver, sent, change, isSubscribed } = reports(OFF);
  receiver.begin();
  change({ sampling: 0.5 });
  expect(sent).toEqual([]);
  change({ traces: true });
  change({ traces: false });
  change({ sampling: 1 });
  const values = sent.map(({ kind }) => (kind?.$case === "telemetryControl" ? kind.value : undefined));
  expect(values.map((value) => [value?.traces, value?.samplingRatio])).toEqual([
    [true, 0.5],
    [false, 0.5],
  ]);
  receiver.close();
  expect(isSubscribed()).toBe(false);
});

test("a worker learns of samples alone, and of their end", () => {
  const { receiver, sent, change } = reports({ ...OFF, sampledCallsPerSecond: 10 });
  receiver.begin();
  change({ sampledCallsPerSecond: 0 });
  const values = sent.map(({ kind }) => (kind?.$case === "telemetryControl" ? kind.value : undefined));
  expect(values.map((value) => [value?.allSpans, value?.sampledCallsPerSecond])).toEqual([
    [false, 10],
    [false, 0],
  ]);
});

test("spans and events reach the trace of their call before they are emitted, and refer to exported spans", () => {
  const order: string[] = [];
  const trace: CallTrace = {
    traceparent: `00-${TRACE_ID}-${"cd".repeat(8)}-01`,
    dispatched() {},
    ended() {},
    workerSpans: (spans, events) => order.push(`${spans.length} spans and ${events.length} events`),
    locate: (spanId) => (spanId === SPAN_ID ? { traceId: TRACE_ID, spanId: "ef".repeat(8) } : undefined),
  };
  const call = sampleCall({ tool: "predict", trace, traceparent: trace.traceparent });
  const { receiver, emitted } = reports({ ...OFF, allSpans: true, allEvents: true }, call);
  receiver.receive(
    telemetry({
      spans: [
        spanRecord({ name: "predict", execution: true }),
        spanRecord({ endUnixUs: 3_500, parentSpanId: SPAN_ID, attributes: payload({ tags: ["a"] }) }),
      ],
      events: [
        eventRecord({ spanId: SPAN_ID, measurements: payload({ rows: 3 }) }),
        eventRecord({ name: "outside", callId: 9 }),
      ],
    }),
  );
  expect(order).toEqual(["2 spans and 1 events"]);
  expect(emitted).toMatchObject([
    [
      "python.event",
      { event: "loaded", emittedAt: 2, measurements: { rows: 3 }, traceId: TRACE_ID, spanId: "ef".repeat(8) },
    ],
    // The open one is emitted when it has ended.
    [
      "python.span",
      { span: "load", id: SPAN_ID, parentId: SPAN_ID, startedAt: 1, durationMs: 2.5, attributes: { tags: ["a"] } },
    ],
    ["python.event", { event: "outside", measurements: {} }],
  ]);
  expect(emitted[2]?.[1]).not.toHaveProperty("correlationId");
});

test("collections and losses are emitted", () => {
  const { receiver, emitted } = reports(OFF);
  receiver.receive(
    telemetry({
      droppedSpans: 2,
      droppedEvents: 1,
      collections: [{ generation: 2, timeUnixUs: 1_000, durationUs: 500, collected: 4, uncollectable: 0 }],
    }),
  );
  const worker = { pool: "ml", workerId: "ml-1" };
  expect(emitted).toEqual([
    ["python.gc", { ...worker, generation: 2, startedAt: 1, durationMs: 0.5, collected: 4, uncollectable: 0 }],
    ["python.dropped", { ...worker, spans: 2, events: 1 }],
  ]);
});

test.each([
  ["a map of maps", payload({ a: { b: 1 } })],
  ["a number", payload(1)],
  [
    "bytes that are not MessagePack",
    { format: PayloadFormat.MESSAGEPACK, body: Buffer.from([0xc1]), bufferLengths: [] },
  ],
  ["another format", { ...payload({}), format: PayloadFormat.JSON }],
])("attributes that are %s violate the protocol", (_, attributes) => {
  const { receiver } = reports(OFF);
  const message = telemetry({ events: [eventRecord({ attributes })] });
  expect(() => receiver.receive(message)).toThrow(expect.objectContaining({ code: "PROTOCOL_MISMATCH" }));
});
