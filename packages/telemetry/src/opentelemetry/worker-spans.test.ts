import type { Attributes, HrTime } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { CallTrace, WorkerEvent, WorkerSpan } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { expect, test, vi } from "vitest";
import { createTelemetry } from "../telemetry.ts";
import { type OtelSdk, setUpOtelSdk } from "../testing/otel-sdk.ts";
import { SpanClock } from "./span-clock.ts";

const CALL = { pool: "ml", tool: "predict", correlationId: "c-1", streaming: false };
const NO_EVENTS: readonly WorkerEvent[] = [];

/** Starts a call that a worker has received. */
async function dispatchedCall(): Promise<CallTrace> {
  const telemetry = createTelemetry({ logger: false });
  await telemetry.ready();
  const call = telemetry.startCall(CALL);
  if (call === undefined) throw new Error("the call is not traced");
  call.dispatched("ml-3");
  return call;
}

/** The time of the system in microseconds. */
function now(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}

function workerSpan(overrides: Partial<WorkerSpan> & { readonly spanId: string }): WorkerSpan {
  return {
    parentId: undefined,
    name: "load",
    startUs: now(),
    endUs: now(),
    attributes: {},
    error: undefined,
    isExecution: false,
    isExported: false,
    ...overrides,
  };
}

function micros([seconds, nanos]: HrTime): number {
  return seconds * 1e6 + nanos / 1e3;
}

function spanOf(sdk: OtelSdk, name: string): ReadableSpan {
  const span = sdk.spans().find((each) => each.name === name);
  if (span === undefined) throw new Error(`no span ${name}; got ${sdk.spans().map((each) => each.name)}`);
  return span;
}

test("spans of a worker are created with their parents, attributes, events and errors", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  const attributes = { size: 3, tags: ["a", "b"] };
  const error = { type: "ValueError", message: "bad" };
  const event = { name: "read", timeUs: now(), measurements: { rows: 2 }, metadata: { cached: true } };
  call.workerSpans?.(
    [
      workerSpan({ spanId: "1", name: "predict", isExecution: true }),
      workerSpan({ spanId: "2", parentId: "1", attributes, error }),
    ],
    [
      { ...event, spanId: "2" },
      { ...event, name: "elsewhere", spanId: "unknown" },
    ],
  );
  call.ended();
  const execution = spanOf(sdk, "snakepit.python predict");
  const load = spanOf(sdk, "load");
  expect(execution.parentSpanContext?.spanId).toBe(spanOf(sdk, "snakepit.execute predict").spanContext().spanId);
  expect(execution.attributes).toEqual({
    "snakepit.pool": "ml",
    "snakepit.tool": "predict",
    "snakepit.call.id": "c-1",
    "snakepit.worker.id": "ml-3",
  });
  expect(load.parentSpanContext?.spanId).toBe(execution.spanContext().spanId);
  expect(load.attributes).toEqual({ ...attributes, "error.type": "ValueError" } satisfies Attributes);
  expect(load.status).toEqual({ code: SpanStatusCode.ERROR, message: "bad" });
  expect(load.events.map(({ name }) => name)).toEqual(["read", "exception"]);
  expect(load.events[0]?.attributes).toEqual({ rows: 2, cached: true });
  expect(spanOf(sdk, "snakepit.execute predict").events.map(({ name }) => name)).toContain("elsewhere");
});

test("queue, transport and execution follow each other without a gap", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  call.workerSpans?.([workerSpan({ spanId: "1", isExecution: true })], NO_EVENTS);
  call.ended();
  const whole = spanOf(sdk, "snakepit.execute predict");
  const queue = spanOf(sdk, "snakepit.queue");
  const execution = spanOf(sdk, "snakepit.python predict");
  const transports = sdk.spans().filter(({ name }) => name === "snakepit.transport");
  expect(transports.map(({ attributes }) => attributes)).toEqual([
    { "network.io.direction": "transmit" },
    { "network.io.direction": "receive" },
  ]);
  const [sent, received] = transports;
  const times = [whole.startTime, queue.startTime, queue.endTime, sent?.startTime, sent?.endTime, execution.startTime];
  times.push(execution.endTime, received?.startTime, received?.endTime, whole.endTime);
  const [a, b, c, d, e, f, g, h, i, j] = times.map((time) => micros(time as HrTime));
  expect([a, c, e, g, i]).toEqual([b, d, f, h, j]);
});

test.each([-3_600_000_000, 3_600_000_000])(
  "the times of a worker whose clock is wrong by %i µs are moved into the call, and keep their durations",
  async (skewUs) => {
    await using sdk = setUpOtelSdk();
    const call = await dispatchedCall();
    const start = now();
    let end = now();
    while (end - start < 2_000) end = now();
    // The time in which the worker has the call is longer than the execution.
    while (now() - end < 2_000);
    call.workerSpans?.(
      [
        workerSpan({ spanId: "1", startUs: start + skewUs, endUs: end + skewUs, isExecution: true }),
        workerSpan({ spanId: "2", parentId: "1", startUs: start + skewUs + 500, endUs: end + skewUs - 500 }),
      ],
      NO_EVENTS,
    );
    call.ended();
    const whole = spanOf(sdk, "snakepit.execute predict");
    const execution = spanOf(sdk, "snakepit.python predict");
    const load = spanOf(sdk, "load");
    expect(micros(execution.startTime)).toBeGreaterThanOrEqual(micros(whole.startTime));
    expect(micros(execution.endTime)).toBeLessThanOrEqual(micros(whole.endTime));
    expect(micros(execution.duration)).toBeCloseTo(end - start, -1);
    expect(micros(load.startTime) - micros(execution.startTime)).toBeCloseTo(500, -1);
    expect(micros(load.duration)).toBeCloseTo(end - start - 1_000, -1);
  },
);

test("an open span is located before its end, and is ended once", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  call.workerSpans?.([workerSpan({ spanId: "1", isExecution: true, endUs: undefined })], NO_EVENTS);
  const located = call.locate?.("1");
  expect(sdk.spans()).toEqual([]);
  const ended = workerSpan({ spanId: "1", isExecution: true });
  call.workerSpans?.([ended], NO_EVENTS);
  call.workerSpans?.([ended], NO_EVENTS);
  call.ended();
  call.workerEnded?.();
  const execution = spanOf(sdk, "snakepit.python predict");
  expect(execution.spanContext()).toMatchObject({ ...located });
  expect(execution.attributes["snakepit.span.unfinished"]).toBeUndefined();
  // One that was dropped is replaced by the call.
  expect(call.locate?.("unknown")?.spanId).toBe(spanOf(sdk, "snakepit.execute predict").spanContext().spanId);
});

test("the open spans of a worker that has died are ended with a mark", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  call.workerSpans?.(
    [
      workerSpan({ spanId: "1", isExecution: true, endUs: undefined }),
      workerSpan({ spanId: "2", parentId: "1", endUs: undefined }),
    ],
    NO_EVENTS,
  );
  call.ended(new SnakepitError("WORKER_CRASHED", "the worker died"));
  call.workerEnded?.();
  for (const name of ["snakepit.python predict", "load"]) {
    expect(spanOf(sdk, name).attributes["snakepit.span.unfinished"]).toBe(true);
  }
});

test("spans that the worker exports itself are not created, but their times are used", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  call.workerSpans?.([workerSpan({ spanId: "1", isExecution: true, isExported: true })], NO_EVENTS);
  expect(call.locate?.("1")).toBeUndefined();
  call.ended();
  expect(sdk.spans().map(({ name }) => name)).toEqual([
    "snakepit.queue",
    "snakepit.transport",
    "snakepit.transport",
    "snakepit.execute predict",
  ]);
});

test("measurements are recorded in the context of the span of their call, from which an SDK takes exemplars", async () => {
  await using sdk = setUpOtelSdk();
  const call = await dispatchedCall();
  call.ended();
  const { spanId, traceId } = spanOf(sdk, "snakepit.execute predict").spanContext();
  for (const instrument of ["snakepit.queue.duration", "snakepit.call.duration"]) {
    expect({ instrument, measured: sdk.measuredIn(instrument) }).toEqual({
      instrument,
      measured: [expect.objectContaining({ spanId, traceId })],
    });
  }
});

test("a correction of the system clock during a call changes none of its durations", () => {
  const clock = new SpanClock();
  const startUs = (performance.timeOrigin + performance.now()) * 1_000;
  clock.align(startUs, startUs, { start: clock.startedAt, end: performance.now() });
  const before = clock.ofWorker(startUs - 3_600_000_000);
  const system = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(system + 500);
  expect(clock.ofWorker(startUs - 3_600_000_000)).toBe(before);
  vi.restoreAllMocks();
});

test.each([5.3, -7.25])("a correction of the system clock by %s ms is measured exactly", (correctedByMs) => {
  let elapsedMs = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => {
    elapsedMs += 0.001;
    return elapsedMs;
  });
  vi.spyOn(Date, "now").mockImplementation(() => Math.floor(performance.timeOrigin + elapsedMs + correctedByMs));
  const { startTime, startedAt } = new SpanClock();
  vi.restoreAllMocks();
  const exact = performance.timeOrigin + startedAt + correctedByMs;
  expect(Math.abs(startTime - exact)).toBeLessThan(0.015);
});

test("clocks that stand still, as in tests, do not stop a call", () => {
  vi.spyOn(performance, "now").mockReturnValue(1_000);
  vi.spyOn(Date, "now").mockReturnValue(5_000);
  const { startTime } = new SpanClock();
  vi.restoreAllMocks();
  expect(startTime).toBeCloseTo(5_000, -1);
});

test("a thread that is stopped between its readings of the two clocks does not move the times of the next call", () => {
  const offsetOf = ({ startTime, startedAt }: SpanClock) => startTime - performance.timeOrigin - startedAt;
  const before = offsetOf(new SpanClock());
  const read = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => {
    const time = read();
    const stoppedAt = performance.now();
    while (performance.now() - stoppedAt < 20);
    return time;
  });
  const stopped = new SpanClock();
  vi.restoreAllMocks();
  expect(offsetOf(stopped)).toBeCloseTo(before, 0);
});
