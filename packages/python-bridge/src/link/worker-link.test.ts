import { decodeValue, encodeValue, LogLevel, LogSource, PayloadFormat } from "@snakepit/bridge-proto";
import { deadlineIn } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { type LinkedWorker, linkedWorker, sampleCall, sampleStream } from "../testing/linked-worker.ts";
import type { WireWorker } from "../testing/wire-worker.ts";
import type { WorkerLink } from "./worker-link.ts";

describe("WorkerLink", () => {
  let linked: LinkedWorker;
  let link: WorkerLink;
  let worker: WireWorker;

  beforeEach(async () => {
    linked = await linkedWorker();
    ({ link, worker } = linked);
  });

  afterEach(() => linked[Symbol.asyncDispose]());

  describe("calls", () => {
    it("sends the caller's arguments and settles with the value", async () => {
      const observer = new CallRecorder();
      const deadline = deadlineIn(5_000);
      link.dispatch(
        sampleCall({ deadline, sessionId: "s-1", traceparent: "00-aa-bb-01", metadata: { user: "me" } }, { x: 41 }),
        observer,
      );
      const sent = await worker.call(0);
      expect(sent).toMatchObject({
        tool: "echo",
        correlationId: "c-1",
        sessionId: "s-1",
        traceparent: "00-aa-bb-01",
        metadata: { user: "me" },
        streaming: false,
      });
      expect(decodeValue(sent.args!.body, [])).toEqual({ x: 41 });
      expect(sent.remainingMs).toBeGreaterThan(0);
      expect(sent.remainingMs).toBeLessThanOrEqual(5_000);
      expect(link.activeCalls).toBe(1);
      worker.result(sent.id, { y: 42 });
      expect(await observer.over).toEqual({ is: "value", value: { y: 42 } });
      expect(link.activeCalls).toBe(0);
    });

    it("sends zero for no deadline, and a positive number for one that has passed", async () => {
      link.dispatch(sampleCall(), new CallRecorder());
      link.dispatch(sampleCall({ deadline: deadlineIn(-5) }), new CallRecorder());
      expect((await worker.call(0)).remainingMs).toBe(0);
      expect((await worker.call(1)).remainingMs).toBeGreaterThan(0);
    });

    it("carries large arrays next to the message, both ways", async () => {
      const observer = new CallRecorder();
      const array = Float64Array.from({ length: 100_000 }, (_, i) => i / 3);
      link.dispatch(sampleCall({}, { array }), observer);
      const { frame, buffers } = await worker.received(0);
      const sent = frame.kind?.$case === "call" ? frame.kind.value : undefined;
      expect(decodeValue(sent!.args!.body, buffers)).toEqual({ array });
      worker.result(sent!.id, array);
      expect(await observer.over).toEqual({ is: "value", value: array });
    });

    it("matches the results of concurrent calls in any order", async () => {
      const observers = Array.from({ length: 4 }, () => new CallRecorder());
      for (const observer of observers) link.dispatch(sampleCall(), observer);
      const ids = await Promise.all(observers.map(async (_, i) => (await worker.call(i)).id));
      for (const i of [2, 0, 3, 1]) worker.result(ids[i]!, i);
      expect(await Promise.all(observers.map(({ over }) => over))).toEqual(
        [0, 1, 2, 3].map((value) => ({ is: "value", value })),
      );
    });

    it("fails with the exception from Python", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleCall(), observer);
      const base = {
        type: "KeyError",
        module: "builtins",
        message: "'a'",
        traceback: "…",
        notes: [],
        cause: undefined,
      };
      const python = { ...base, type: "ValueError", message: "bad", notes: ["look here"], cause: base };
      worker.failure((await worker.call(0)).id, {
        code: "PYTHON_EXCEPTION",
        message: "ValueError: bad",
        python,
        details: { attempt: "3", odd: "not json" },
      });
      const outcome = await observer.over;
      expect(outcome).toMatchObject({
        is: "failure",
        error: {
          code: "PYTHON_EXCEPTION",
          message: "ValueError: bad",
          pool: "default",
          workerId: "w1",
          callId: "c-1",
          details: { attempt: 3, odd: "not json" },
          python: { type: "ValueError", notes: ["look here"], cause: { type: "KeyError" } },
        },
      });
    });

    it("converts an unknown code to INTERNAL and keeps it in the details", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleCall(), observer);
      worker.failure((await worker.call(0)).id, { code: "FROM_THE_FUTURE", message: "new" });
      expect(await observer.over).toMatchObject({
        error: { code: "INTERNAL", message: "new", details: { code: "FROM_THE_FUTURE" } },
      });
    });

    it("fails only the call whose result cannot be decoded", async () => {
      const bad = new CallRecorder();
      const good = new CallRecorder();
      link.dispatch(sampleCall(), bad);
      link.dispatch(sampleCall(), good);
      const [first, second] = await Promise.all([worker.call(0), worker.call(1)]);
      const value = { format: PayloadFormat.MESSAGEPACK, body: Buffer.from([0xc1]), bufferLengths: [] };
      worker.send({ $case: "result", value: { id: first.id, value, executionUs: 0 } });
      worker.result(second.id, "fine");
      expect(await bad.over).toMatchObject({ error: { code: "SERIALIZATION", callId: "c-1", workerId: "w1" } });
      expect(await good.over).toEqual({ is: "value", value: "fine" });
    });

    it("fails only the call whose result has an unsupported format", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleCall(), observer);
      const { id } = await worker.call(0);
      const value = { format: PayloadFormat.JSON, body: Buffer.from("1"), bufferLengths: [] };
      worker.send({ $case: "result", value: { id, value, executionUs: 0 } });
      expect(await observer.over).toMatchObject({ error: { code: "SERIALIZATION" } });
    });

    it("sends a cancellation to the worker and settles with the outcome that arrives", async () => {
      const observer = new CallRecorder();
      const dispatched = link.dispatch(sampleCall(), observer);
      dispatched.cancel("deadline");
      const { id } = await worker.call(0);
      expect(await worker.receivedKind(1, "cancel")).toEqual({ id, reason: 2 });
      expect(observer.outcomes).toEqual([]);
      worker.failure(id, { code: "DEADLINE_EXCEEDED", message: "stopped" });
      expect(await observer.over).toMatchObject({ error: { code: "DEADLINE_EXCEEDED" } });
      dispatched.cancel("cancelled");
      dispatched.grant(1);
      link.drain();
      expect((await worker.received(2)).frame.kind?.$case).toBe("drain");
    });
  });

  describe("streams", () => {
    it("delivers chunks in order with their size, and then the end", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleStream(), observer);
      const { id, credit, streaming } = await worker.call(0);
      expect({ credit, streaming }).toEqual({ credit: 10, streaming: true });
      const large = new Uint8Array(100_000);
      worker.chunk(id, "one");
      worker.chunk(id, large);
      worker.end(id);
      expect(await observer.over).toEqual({ is: "end" });
      expect(observer.chunks.map(({ value }) => value)).toEqual(["one", large]);
      expect(observer.chunks[0]!.byteLength).toBe(encodeValue("one").byteLength);
      expect(observer.chunks[1]!.byteLength).toBe(encodeValue(large).byteLength);
    });

    it("delivers the chunks before a failure", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleStream(), observer);
      const { id } = await worker.call(0);
      worker.chunk(id, 1);
      worker.failure(id, { code: "PYTHON_EXCEPTION", message: "boom" });
      expect(await observer.over).toMatchObject({ error: { code: "PYTHON_EXCEPTION" } });
      expect(observer.chunks.map(({ value }) => value)).toEqual([1]);
    });

    it("grants credit", async () => {
      const observer = new CallRecorder();
      const dispatched = link.dispatch(sampleStream(1), observer);
      const { id } = await worker.call(0);
      worker.chunk(id, 1);
      await observer.atLeast(1);
      dispatched.grant(2);
      expect(await worker.receivedKind(1, "credit")).toEqual({ id, chunks: 2 });
      worker.chunk(id, 2);
      worker.chunk(id, 3);
      worker.end(id);
      expect(await observer.over).toEqual({ is: "end" });
    });

    it("fails a stream whose chunk cannot be decoded, after the worker has finished it", async () => {
      const observer = new CallRecorder();
      link.dispatch(sampleStream(), observer);
      const { id } = await worker.call(0);
      const value = { format: PayloadFormat.MESSAGEPACK, body: Buffer.from([0xc1]), bufferLengths: [] };
      worker.chunk(id, "fine");
      worker.send({ $case: "chunk", value: { id, value } });
      worker.chunk(id, "dropped");
      expect(await worker.receivedKind(1, "cancel")).toEqual({ id, reason: 1 });
      expect(observer.outcomes).toEqual([]);
      worker.end(id);
      expect(await observer.over).toMatchObject({ error: { code: "SERIALIZATION" } });
      expect(observer.chunks.map((chunk) => chunk.value)).toEqual(["fine"]);
    });
  });

  it("reports the values of the last heartbeat", async () => {
    expect(link.vitals).toBeUndefined();
    const observer = new CallRecorder();
    link.dispatch(sampleCall(), observer);
    worker.send({ $case: "heartbeat", value: { rssBytes: 1, active: 1, lastProgressMs: 0, cpuMs: 5, threads: 2 } });
    const last = { rssBytes: 12_345_678, active: 1, lastProgressMs: 5, cpuMs: 7.5, threads: 3 };
    worker.send({ $case: "heartbeat", value: last });
    worker.result((await worker.call(0)).id, null);
    await observer.over;
    expect(link.vitals).toEqual({ ...last, receivedAt: expect.any(Number), cpuLoad: expect.any(Number) });
  });

  it("emits log records of the worker with the correlation ID of their call", async () => {
    const observer = new CallRecorder();
    link.dispatch(sampleCall(), observer);
    const { id } = await worker.call(0);
    const log = {
      source: LogSource.STDOUT,
      level: LogLevel.INFO,
      logger: "",
      message: "hi",
      timeUnixUs: 0,
      callId: id,
    };
    worker.send({ $case: "log", value: log });
    worker.send({
      $case: "log",
      value: { ...log, source: LogSource.LOGGING, level: LogLevel.ERROR, logger: "app", callId: 0 },
    });
    worker.result(id, null);
    await observer.over;
    const from = { pool: "default", workerId: "w1", message: "hi" };
    expect(linked.logs).toEqual([
      { ...from, source: "stdout", level: "info", correlationId: "c-1" },
      { ...from, source: "logging", level: "error", logger: "app" },
    ]);
  });
});
