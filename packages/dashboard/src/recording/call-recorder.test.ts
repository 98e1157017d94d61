import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { pythonError, recordCall } from "../testing/recorded-calls.ts";
import { CallRecorder } from "./call-recorder.ts";

test("counts calls and errors by pool and tool", () => {
  const recorder = new CallRecorder();
  for (let call = 0; call < 3; call += 1) recordCall(recorder);
  recordCall(recorder, { tool: "predict", error: pythonError() });
  recordCall(recorder, { pool: "io", tool: "load" });
  recorder.tick();
  const { traffic, pools, tools } = recorder.overview();
  expect(traffic.minute).toMatchObject({ calls: 5, errors: 1 });
  expect(pools["ml"]?.minute).toMatchObject({ calls: 4, errors: 1 });
  expect(tools.map(({ pool, tool, calls, errors }) => [pool, tool, calls, errors])).toEqual([
    ["ml", "train", 3, 0],
    ["ml", "predict", 1, 1],
    ["io", "load", 1, 0],
  ]);
});

test("each second becomes a point of the history, of its pool and of all pools", () => {
  const recorder = new CallRecorder();
  recordCall(recorder);
  recorder.tick();
  recorder.tick();
  const history = recorder.history("ml");
  expect(history.calls.map((calls) => calls > 0)).toEqual([true, false]);
  expect(history.p50.map((ms) => ms === null)).toEqual([false, true]);
  expect(recorder.history().calls).toHaveLength(2);
  expect(recorder.history("unknown").calls).toEqual([]);
});

test("the history has at most 15 minutes", () => {
  const recorder = new CallRecorder();
  for (let second = 0; second < 16 * 60; second += 1) recorder.tick();
  expect(recorder.history().at).toHaveLength(15 * 60);
});

test("keeps a bounded number of calls, the newest first, and finds them by correlation ID", () => {
  const recorder = new CallRecorder();
  const ids = Array.from({ length: 2_000 }, () => recordCall(recorder));
  const { recent, slow } = recorder.calls();
  expect(recent.map(({ correlationId }) => correlationId)).toEqual(ids.slice(-100).reverse());
  expect(slow).toHaveLength(100);
  expect(slow.map(({ durationMs }) => durationMs)).toEqual(
    slow.map(({ durationMs }) => durationMs).sort((a, b) => b - a),
  );
  expect(recorder.call(ids.at(-400) ?? "")?.correlationId).toBe(ids.at(-400));
  expect(recorder.call("unknown")).toBeUndefined();
});

test("the phases of a call add up to its duration", () => {
  const recorder = new CallRecorder();
  const trace = recorder.startCall({ pool: "ml", tool: "train", correlationId: "c", streaming: false });
  trace.dispatched("ml-1");
  (trace as unknown as { executed(ms: number): void }).executed(1e9);
  trace.ended();
  const { durationMs = 0, phases, workerId } = recorder.call("c") ?? {};
  const { queueMs = 0, transportMs = 0, executionMs = 0 } = phases ?? {};
  expect(queueMs + transportMs + executionMs).toBeCloseTo(durationMs, 2);
  expect(workerId).toBe("ml-1");
});

test("a call that no worker received has spent its time in the queue", () => {
  const recorder = new CallRecorder();
  const error = new SnakepitError("QUEUE_TIMEOUT", "no worker was free");
  recorder.startCall({ pool: "ml", tool: "train", correlationId: "c", streaming: false }).ended(error);
  const call = recorder.call("c");
  expect(call?.phases).toEqual({ queueMs: call?.durationMs, executionMs: 0 });
  expect(call?.error).toEqual({ code: "QUEUE_TIMEOUT", message: "no worker was free" });
});

test("groups errors by type and tool, with the traceback of the last one", () => {
  const recorder = new CallRecorder();
  recordCall(recorder, { error: pythonError("ValueError", "first") });
  const last = recordCall(recorder, { error: pythonError("ValueError", "second") });
  recordCall(recorder, { error: pythonError("KeyError") });
  recordCall(recorder, { tool: "predict", error: pythonError("ValueError") });
  const groups = recorder.errors();
  expect(groups.map(({ tool, pythonType, count }) => [tool, pythonType, count])).toEqual([
    ["predict", "ValueError", 1],
    ["train", "KeyError", 1],
    ["train", "ValueError", 2],
  ]);
  expect(groups[2]?.traceback).toContain("ValueError: second");
  expect(groups[2]?.correlationId).toBe(last);
  expect(recorder.overview().errors).toEqual({ groups: 3, count: 4 });
});

test("a worker that cannot start is an error without a tool", () => {
  const recorder = new CallRecorder();
  const error = new SnakepitError("WORKER_START_FAILED", "importing tools.py failed");
  recorder.emit("worker.start-failed", { pool: "ml", workerId: "ml-1", error });
  expect(recorder.errors()).toMatchObject([{ code: "WORKER_START_FAILED", pool: "ml", count: 1 }]);
  expect(recorder.errors()[0]?.tool).toBeUndefined();
});

test("numbers of tools and of groups, and the lengths of strings are bounded", () => {
  const recorder = new CallRecorder();
  for (let tool = 0; tool < 1_000; tool += 1) {
    recordCall(recorder, { tool: `tool-${tool}`, error: pythonError("ValueError", "x".repeat(100_000)) });
  }
  expect(recorder.errors()).toHaveLength(200);
  expect(JSON.stringify(recorder.errors()).length).toBeLessThan(6_000_000);
  const { tools, traffic } = recorder.overview();
  expect(tools[0]).toMatchObject({ tool: "(other tools)", calls: 900 });
  expect(traffic.minute.calls).toBe(1_000);
});

test("spans of Python code belong to their call, by their start", () => {
  const recorder = new CallRecorder();
  const trace = recorder.startCall({ pool: "ml", tool: "train", correlationId: "c", streaming: false });
  recorder.addSpan("c", { name: "fit", startedAt: 20, durationMs: 5 });
  recorder.addSpan("c", { name: "load", startedAt: 10, durationMs: 5 });
  trace.ended();
  expect(recorder.call("c")?.spans?.map(({ name }) => name)).toEqual(["load", "fit"]);
  recordCall(recorder);
});

test("calls of unknown tools are counted together, because clients choose their names", () => {
  const recorder = new CallRecorder();
  for (let call = 0; call < 3; call += 1) {
    recordCall(recorder, { tool: `guess-${call}`, error: new SnakepitError("UNKNOWN_TOOL", "no such tool") });
  }
  expect(recorder.errors()).toMatchObject([{ tool: "(unknown tools)", count: 3 }]);
  expect(recorder.overview().tools).toMatchObject([{ tool: "(unknown tools)", calls: 3 }]);
});

test("of a tool with many calls, a part is recorded; calls and errors are counted completely", () => {
  const recorder = new CallRecorder();
  const second = (calls: number) => {
    for (let call = 0; call < calls; call += 1) recordCall(recorder);
    recorder.tick();
  };
  second(20_000);
  const traces = Array.from({ length: 20_000 }, (_, index) =>
    recorder.startCall({ pool: "ml", tool: "train", correlationId: `many-${index}`, streaming: false }),
  );
  for (const trace of traces) trace.ended(pythonError());
  const recorded = new Set(traces).size - 1;
  expect(recorded).toBeGreaterThan(200);
  expect(recorded).toBeLessThan(800);
  const { traffic, tools } = recorder.overview();
  expect(traffic.minute).toMatchObject({ calls: 40_000, errors: 20_000 });
  expect(tools).toMatchObject([{ tool: "train", calls: 40_000, errors: 20_000 }]);
  expect(recorder.errors()).toMatchObject([{ count: 20_000, pythonType: "ValueError" }]);
  // A recorded call stands for the others.
  const distributed = traffic.distribution.reduce((sum, [, calls]) => sum + calls, 0);
  expect(distributed).toBeGreaterThan(30_000);
  expect(distributed).toBeLessThan(60_000);
  recorder.tick();
  second(10);
  second(10);
  expect(
    recorder
      .calls()
      .recent.slice(0, 10)
      .map(({ error }) => error),
  ).toEqual(new Array(10).fill(undefined));
});

test("the name of a tool, which a caller may choose, is shortened", () => {
  const recorder = new CallRecorder();
  const error = new SnakepitError("UNKNOWN_TOOL", "no such tool");
  const id = recordCall(recorder, { tool: "t".repeat(1_000_000), error });
  expect(recorder.call(id)?.tool).toBe(`${"t".repeat(127)}…`);
});
