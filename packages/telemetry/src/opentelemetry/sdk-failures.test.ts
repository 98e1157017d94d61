import { metrics, trace } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { createTelemetry } from "../telemetry.ts";
import { recordingLogger } from "../testing/recording-logger.ts";

const CALL = { pool: "ml", tool: "predict", correlationId: "c-1", streaming: false } as const;
const READY = { pool: "ml", workerId: "ml-1", pid: 7, durationMs: 5 };

afterEach(() => {
  trace.disable();
  metrics.disable();
});

const broken = () => {
  throw new Error("the SDK broke");
};

function telemetryWithLog() {
  const logger = recordingLogger();
  return {
    telemetry: createTelemetry({ logger }),
    errors: () => logger.records.filter((each) => each.level === "error"),
  };
}

/** A meter whose instruments work, except for the parts that are given. */
function meterWith(parts: object) {
  const instrument = { record() {}, addCallback() {}, removeCallback() {} };
  const create = () => instrument;
  return {
    createHistogram: create,
    createObservableCounter: create,
    createObservableGauge: create,
    addBatchObservableCallback() {},
    removeBatchObservableCallback() {},
    ...parts,
  };
}

test("a provider that throws does not fail the start, and is not asked for each call", async () => {
  let asked = 0;
  trace.setGlobalTracerProvider({
    getTracer() {
      asked += 1;
      return broken();
    },
  });
  const { telemetry, errors } = telemetryWithLog();
  await telemetry.ready();
  const before = asked;
  for (let call = 0; call < 3; call++) expect(telemetry.startCall(CALL)).toBeUndefined();
  expect(asked).toBe(before);
  expect(errors().map(({ message }) => message)).toEqual([expect.stringContaining("the SDK broke")]);
  telemetry.close();
});

test("another SDK is used after one that has failed", async () => {
  trace.setGlobalTracerProvider({ getTracer: broken });
  const { telemetry } = telemetryWithLog();
  await telemetry.ready();
  trace.disable();
  const span = { spanContext: () => ({ traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 }) };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) as never });
  expect(telemetry.startCall(CALL)?.traceparent).toBe(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
});

test("a histogram that throws fails neither the events of the host nor the operations of its databases", async () => {
  metrics.setGlobalMeterProvider({
    getMeter: () => meterWith({ createHistogram: () => ({ record: broken }) }) as never,
  });
  const { telemetry, errors } = telemetryWithLog();
  await telemetry.ready();
  const received: string[] = [];
  telemetry.on("worker.ready", ({ workerId }) => received.push(workerId));
  telemetry.emit("worker.ready", READY);
  expect(received).toEqual(["ml-1"]);
  let executed = 0;
  const result = await telemetry.metrics.operations.measure("store", "get", async () => {
    executed += 1;
    return "row";
  });
  expect([result, executed]).toEqual(["row", 1]);
  expect(errors()).toHaveLength(1);
});

test("a meter that throws at the end does not fail the end of the host", async () => {
  metrics.setGlobalMeterProvider({ getMeter: () => meterWith({ removeBatchObservableCallback: broken }) as never });
  const { telemetry, errors } = telemetryWithLog();
  await telemetry.ready();
  telemetry.close();
  expect(errors()).toHaveLength(1);
});
