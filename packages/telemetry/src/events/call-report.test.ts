import { type CallInfo, type Instrumentation, noInstrumentation, SnakepitError } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { createTelemetry } from "../telemetry.ts";
import type { AnyEvent } from "./event-channel.ts";

const CALL: CallInfo = { pool: "ml", tool: "predict", correlationId: "c-1", streaming: false, sessionId: "s-1" };
const STREAM: CallInfo = { ...CALL, streaming: true, credit: 4 };

/** Telemetry with a listener of all events, and what it receives. */
function listened(instrumentation?: Instrumentation) {
  const telemetry = createTelemetry({ logger: false, instrumentation });
  const events: AnyEvent[] = [];
  telemetry.onAny((event) => events.push(event));
  const named = <Name extends AnyEvent["name"]>(name: Name) =>
    events.filter((event): event is Extract<AnyEvent, { readonly name: Name }> => event.name === name);
  return { telemetry, events, named };
}

describe("the events of a call", () => {
  test("have its tool, session and correlation id, its worker and its times", () => {
    const { telemetry, events, named } = listened();
    const parent = { correlationId: "c-0", pool: "ml", tool: "ask", parent: undefined };
    // A whole number: differences of fractions are not exact.
    const startedAt = Math.floor(performance.now());
    const trace = telemetry.startCall({ ...CALL, parent }, startedAt);
    trace?.dispatched("ml-1", startedAt + 5);
    trace?.executed?.(2);
    trace?.ended();
    expect(events.map(({ name }) => name)).toEqual(["call.started", "call.dispatched", "call.ended"]);
    const facts = { pool: "ml", tool: "predict", correlationId: "c-1", sessionId: "s-1" };
    expect(named("call.started")).toMatchObject([{ ...facts, streaming: false, parentId: "c-0" }]);
    expect(named("call.dispatched")).toMatchObject([{ ...facts, workerId: "ml-1", queueMs: 5 }]);
    expect(named("call.ended")).toMatchObject([{ ...facts, workerId: "ml-1", queueMs: 5, executionMs: 2 }]);
    expect(named("call.ended")[0]?.error).toBeUndefined();
  });

  test("have no worker if none executed it, and the time in the queue is then the whole time", () => {
    const { telemetry, named } = listened();
    const error = new SnakepitError("QUEUE_TIMEOUT", "waited too long");
    const returned = telemetry.startCall(CALL);
    returned?.dispatched("ml-1");
    returned?.returned?.();
    returned?.ended(error);
    const [ended] = named("call.ended");
    expect(ended).toMatchObject({ error, workerId: undefined });
    expect(ended?.queueMs).toBe(ended?.durationMs);
  });

  test("are not created without a listener of one of them", () => {
    const telemetry = createTelemetry({ logger: false });
    telemetry.on("worker.full", () => {});
    expect(telemetry.startCall(CALL)).toBeUndefined();
    telemetry.on("stream.ended", () => {});
    expect(telemetry.startCall(CALL)).toBeUndefined();
    expect(telemetry.startCall(STREAM)).toBeDefined();
  });

  test("leave the trace of the call unchanged", () => {
    const seen: unknown[] = [];
    const instrumentation: Instrumentation = {
      ...noInstrumentation,
      startCall: () => ({
        traceparent: "00-a-b-01",
        dispatched: (workerId) => seen.push(workerId),
        returned: () => seen.push("returned"),
        chunk: (byteLength, outstanding) => seen.push([byteLength, outstanding]),
        granted: () => seen.push("granted"),
        executed: (executionMs) => seen.push(executionMs),
        ended: (error) => seen.push(error),
      }),
    };
    const { telemetry } = listened(instrumentation);
    const trace = telemetry.startCall(STREAM);
    expect(trace?.traceparent).toBe("00-a-b-01");
    trace?.dispatched("ml-1");
    trace?.returned?.();
    trace?.dispatched("ml-2");
    trace?.chunk?.(10, 3);
    trace?.granted?.();
    trace?.executed?.(1);
    trace?.ended();
    expect(seen).toEqual(["ml-1", "returned", "ml-2", [10, 3], "granted", 1, undefined]);
  });
});

describe("the events of a stream", () => {
  test("count its chunks, their size, and the waits of the worker for credit", () => {
    const { telemetry, events, named } = listened();
    const trace = telemetry.startCall(STREAM);
    trace?.dispatched("ml-1");
    trace?.chunk?.(10, 1);
    trace?.granted?.();
    trace?.chunk?.(20, 0);
    trace?.granted?.();
    trace?.chunk?.(30, 0);
    trace?.ended();
    expect(events.map(({ name }) => name)).toEqual([
      "call.started",
      "call.dispatched",
      "stream.started",
      "stream.ended",
      "call.ended",
    ]);
    expect(named("stream.started")).toMatchObject([{ workerId: "ml-1", credit: 4 }]);
    // The end is no wait: the worker had no further chunk.
    expect(named("stream.ended")).toMatchObject([{ chunks: 3, bytes: 60, creditWaits: 1 }]);
    const [ended] = named("stream.ended");
    expect(ended?.firstChunkMs).toBeLessThanOrEqual(ended?.durationMs ?? 0);
    expect(ended?.creditWaitMs).toBeLessThanOrEqual(ended?.durationMs ?? 0);
  });

  test("begin with its execution: a stream that no worker has started has none", () => {
    const { telemetry, events } = listened();
    telemetry.startCall(STREAM)?.ended(new SnakepitError("CANCELLED", "gave up"));
    expect(events.map(({ name }) => name)).toEqual(["call.started", "call.ended"]);
  });

  test("have no first chunk if it had none", () => {
    const { telemetry, named } = listened();
    const trace = telemetry.startCall(STREAM);
    trace?.dispatched("ml-1");
    trace?.ended();
    expect(named("stream.ended")).toMatchObject([{ chunks: 0, firstChunkMs: undefined }]);
  });
});
