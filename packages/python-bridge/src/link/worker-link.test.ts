import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeValue, encodeValue, LogLevel, LogSource, PayloadFormat } from "@snakepit/bridge-proto";
import { deadlineIn, noInstrumentation, SnakepitError, type WorkerCall, type WorkerLogRecord } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallRecorder } from "../testing/call-recorder.ts";
import { WireWorker } from "../testing/wire-worker.ts";
import { SocketTransport } from "../transports/socket-transport.ts";
import { type HostRequests, noHostRequests, type WorkerRequest } from "./host-requests.ts";
import { WorkerLink } from "./worker-link.ts";

const LIMIT = 64 * 1024 * 1024;

const FACTS = {
  workerId: "w1",
  pid: 4711,
  startTime: "1234",
  runtime: { language: "python", version: "3", implementation: "CPython", bridgeVersion: "0", freeThreaded: false },
  capacity: 4,
  tools: [],
};

describe("WorkerLink", () => {
  let directory: string;
  let server: Server;
  let link: WorkerLink;
  let worker: WireWorker;
  let logs: WorkerLogRecord[];
  let requests: HostRequests;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    const path = join(directory, "s");
    server = createServer().listen(path);
    await once(server, "listening");
    const client = connect(path);
    const [[accepted]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
      [Socket],
      unknown,
    ];
    logs = [];
    requests = noHostRequests;
    link = new WorkerLink({
      transport: new SocketTransport(accepted, LIMIT),
      facts: FACTS,
      pool: "default",
      instrumentation: {
        ...noInstrumentation,
        emit: (name, event) => {
          if (name === "worker.log") logs.push(event as WorkerLogRecord);
        },
      },
      requests: { handle: (request) => requests.handle(request) },
    });
    worker = new WireWorker(new SocketTransport(client, LIMIT));
  });

  afterEach(async () => {
    await Promise.all([link.close(), worker.transport.close()]);
    server.close();
    rmSync(directory, { recursive: true });
  });

  function call(overrides: Partial<WorkerCall> = {}, args: unknown = { x: 1 }): WorkerCall {
    return {
      tool: "echo",
      args: encodeValue(args),
      streaming: false,
      credit: 0,
      deadline: Number.POSITIVE_INFINITY,
      correlationId: "c-1",
      ...overrides,
    };
  }

  function stream(credit = 10): WorkerCall {
    return call({ tool: "count", streaming: true, credit });
  }

  describe("calls", () => {
    it("sends what the caller wants and settles with the value", async () => {
      const observer = new CallRecorder();
      const deadline = deadlineIn(5_000);
      link.dispatch(
        call({ deadline, sessionId: "s-1", traceparent: "00-aa-bb-01", metadata: { user: "me" } }, { x: 41 }),
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

    it("sends no deadline as none, and one that has passed as passed", async () => {
      link.dispatch(call(), new CallRecorder());
      link.dispatch(call({ deadline: deadlineIn(-5) }), new CallRecorder());
      expect((await worker.call(0)).remainingMs).toBe(0);
      expect((await worker.call(1)).remainingMs).toBeGreaterThan(0);
    });

    it("carries large arrays beside the message, both ways", async () => {
      const observer = new CallRecorder();
      const array = Float64Array.from({ length: 100_000 }, (_, i) => i / 3);
      link.dispatch(call({}, { array }), observer);
      const { frame, buffers } = await worker.received(0);
      const sent = frame.kind?.$case === "call" ? frame.kind.value : undefined;
      expect(decodeValue(sent!.args!.body, buffers)).toEqual({ array });
      worker.result(sent!.id, array);
      expect(await observer.over).toEqual({ is: "value", value: array });
    });

    it("keeps calls apart that run at once, whatever the order of their answers", async () => {
      const observers = Array.from({ length: 4 }, () => new CallRecorder());
      for (const observer of observers) link.dispatch(call(), observer);
      const ids = await Promise.all(observers.map(async (_, i) => (await worker.call(i)).id));
      for (const i of [2, 0, 3, 1]) worker.result(ids[i]!, i);
      expect(await Promise.all(observers.map(({ over }) => over))).toEqual(
        [0, 1, 2, 3].map((value) => ({ is: "value", value })),
      );
    });

    it("fails with the exception from Python", async () => {
      const observer = new CallRecorder();
      link.dispatch(call(), observer);
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

    it("turns a code that it does not know into INTERNAL and keeps it", async () => {
      const observer = new CallRecorder();
      link.dispatch(call(), observer);
      worker.failure((await worker.call(0)).id, { code: "FROM_THE_FUTURE", message: "new" });
      expect(await observer.over).toMatchObject({
        error: { code: "INTERNAL", message: "new", details: { code: "FROM_THE_FUTURE" } },
      });
    });

    it("fails only the call whose result cannot be read", async () => {
      const bad = new CallRecorder();
      const good = new CallRecorder();
      link.dispatch(call(), bad);
      link.dispatch(call(), good);
      const [first, second] = await Promise.all([worker.call(0), worker.call(1)]);
      const value = { format: PayloadFormat.MESSAGEPACK, body: Buffer.from([0xc1]), bufferLengths: [] };
      worker.send({ $case: "result", value: { id: first.id, value } });
      worker.result(second.id, "fine");
      expect(await bad.over).toMatchObject({ error: { code: "SERIALIZATION", callId: "c-1", workerId: "w1" } });
      expect(await good.over).toEqual({ is: "value", value: "fine" });
    });

    it("fails only the call whose result has a format that workers do not send", async () => {
      const observer = new CallRecorder();
      link.dispatch(call(), observer);
      const { id } = await worker.call(0);
      const value = { format: PayloadFormat.JSON, body: Buffer.from("1"), bufferLengths: [] };
      worker.send({ $case: "result", value: { id, value } });
      expect(await observer.over).toMatchObject({ error: { code: "SERIALIZATION" } });
    });

    it("asks the worker to give a call up, and takes the outcome that comes", async () => {
      const observer = new CallRecorder();
      const dispatched = link.dispatch(call(), observer);
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
      link.dispatch(stream(), observer);
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

    it("delivers what came before a failure", async () => {
      const observer = new CallRecorder();
      link.dispatch(stream(), observer);
      const { id } = await worker.call(0);
      worker.chunk(id, 1);
      worker.failure(id, { code: "PYTHON_EXCEPTION", message: "boom" });
      expect(await observer.over).toMatchObject({ error: { code: "PYTHON_EXCEPTION" } });
      expect(observer.chunks.map(({ value }) => value)).toEqual([1]);
    });

    it("grants credit", async () => {
      const observer = new CallRecorder();
      const dispatched = link.dispatch(stream(1), observer);
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

    it("gives a stream up whose chunk cannot be read, and settles when the worker is done with it", async () => {
      const observer = new CallRecorder();
      link.dispatch(stream(), observer);
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

  describe("a worker that breaks the rules", () => {
    it.each([
      ["answers a call that does not exist", () => worker.result(99, 1)],
      ["fails a call that does not exist", () => worker.failure(99, {})],
      ["sends a chunk for a call that does not exist", () => worker.chunk(99, 1)],
      ["says hello again", () => worker.hello({})],
      ["sends a frame of the host", () => worker.send({ $case: "drain", value: {} })],
      ["sends an empty frame", () => worker.send(undefined)],
    ])("is given up when it %s", async (_, misbehave) => {
      misbehave();
      expect(await link.closed).toMatchObject({
        requested: false,
        cause: { code: "PROTOCOL_MISMATCH", workerId: "w1", message: expect.stringContaining("w1") },
      });
    });

    it.each([
      ["answers twice", false, (id: number) => [worker.result(id, 1), worker.result(id, 1)]],
      ["answers without a value", false, (id: number) => [worker.end(id)]],
      ["sends a chunk for a call that is no stream", false, (id: number) => [worker.chunk(id, 1)]],
      ["sends more chunks than it was granted", true, (id: number) => [worker.chunk(id, 1), worker.chunk(id, 2)]],
      ["sends a chunk after the end", true, (id: number) => [worker.end(id), worker.chunk(id, 2)]],
    ])("is given up when it %s", async (_, streaming, misbehave) => {
      link.dispatch(streaming ? stream(1) : call(), new CallRecorder());
      misbehave((await worker.call(0)).id);
      expect(await link.closed).toMatchObject({ cause: { code: "PROTOCOL_MISMATCH" } });
    });
  });

  describe("the end", () => {
    it("leaves active calls to whoever knows why the worker ended", async () => {
      const observers = [new CallRecorder(), new CallRecorder()];
      link.dispatch(call({ correlationId: "c-1" }), observers[0]!);
      link.dispatch(call({ correlationId: "c-2" }), observers[1]!);
      await worker.call(1);
      await worker.transport.close();
      expect(await link.closed).toEqual({ requested: false });
      expect(observers.flatMap(({ outcomes }) => outcomes)).toEqual([]);
      expect(link.activeCalls).toBe(2);

      link.settleActive((callId) => new SnakepitError("WORKER_CRASHED", "it died", { callId }));
      link.settleActive(() => new SnakepitError("INTERNAL", "too late"));
      expect(observers.map(({ outcomes }) => outcomes)).toEqual([
        [{ is: "failure", error: expect.objectContaining({ code: "WORKER_CRASHED", callId: "c-1" }) }],
        [{ is: "failure", error: expect.objectContaining({ code: "WORKER_CRASHED", callId: "c-2" }) }],
      ]);
      expect(link.activeCalls).toBe(0);
    });

    it("fails a call that is dispatched after it, but not before dispatch has returned", async () => {
      await worker.transport.close();
      await link.closed;
      const between = new CallRecorder();
      link.dispatch(call(), between);
      link.settleActive((callId) => new SnakepitError("WORKER_CRASHED", "it died", { callId }));
      expect(between.outcomes.length).toBe(1);
      const after = new CallRecorder();
      link.dispatch(call({ correlationId: "c-9" }), after);
      expect(after.outcomes).toEqual([]);
      expect(await after.over).toMatchObject({ error: { code: "WORKER_CRASHED", callId: "c-9" } });
      expect(after.outcomes.length).toBe(1);
    });

    it("tells the worker to drain and to shut down", async () => {
      link.drain();
      link.shutdown(1_500);
      expect(await worker.receivedKind(0, "drain")).toEqual({});
      expect(await worker.receivedKind(1, "shutdown")).toEqual({ graceMs: 1_500 });
    });

    it("closes when asked", async () => {
      expect(await link.close()).toEqual({ requested: true });
      expect(await link.close()).toEqual({ requested: true });
      expect((await worker.transport.closed).is).toBe("closed-by-peer");
    });
  });

  it("knows what the last heartbeat said", async () => {
    expect(link.vitals).toBeUndefined();
    const observer = new CallRecorder();
    link.dispatch(call(), observer);
    worker.send({ $case: "heartbeat", value: { rssBytes: 1, active: 1, lastProgressMs: 0 } });
    worker.send({ $case: "heartbeat", value: { rssBytes: 12_345_678, active: 1, lastProgressMs: 5 } });
    worker.result((await worker.call(0)).id, null);
    await observer.over;
    expect(link.vitals).toEqual({ rssBytes: 12_345_678, active: 1, receivedAt: expect.any(Number) });
  });

  it("passes on what the worker printed and logged, with the call that it belongs to", async () => {
    const observer = new CallRecorder();
    link.dispatch(call(), observer);
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
    expect(logs).toEqual([
      { ...from, source: "stdout", level: "info", correlationId: "c-1" },
      { ...from, source: "logging", level: "error", logger: "app" },
    ]);
  });

  describe("requests of the worker", () => {
    function request(method: string, payload: unknown, callId = 0) {
      const { body } = encodeValue(payload);
      worker.send({
        $case: "request",
        value: {
          id: 7,
          method,
          payload: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths: [] },
          callId,
          remainingMs: 1_000,
          streaming: false,
          credit: 0,
        },
      });
    }

    it("are refused where the host supports none", async () => {
      request("variables.get", {});
      const { id, outcome } = await worker.receivedKind(0, "reply");
      expect(id).toBe(7);
      expect(outcome).toMatchObject({
        $case: "failure",
        value: { code: "INVALID_ARGUMENT", message: expect.stringContaining("variables.get") },
      });
    });

    it("are answered by whoever handles them", async () => {
      const heard: WorkerRequest[] = [];
      requests = {
        handle: (each) => {
          heard.push(each);
          return Promise.resolve(encodeValue({ answer: 42 }));
        },
      };
      link.dispatch(call(), new CallRecorder());
      request("variables.get", { name: "t" }, (await worker.call(0)).id);
      const { outcome } = await worker.receivedKind(1, "reply");
      expect(outcome?.$case === "value" && decodeValue(outcome.value.body, [])).toEqual({ answer: 42 });
      expect(heard).toEqual([
        {
          method: "variables.get",
          payload: { name: "t" },
          pool: "default",
          workerId: "w1",
          correlationId: "c-1",
          deadline: expect.any(Number),
          signal: expect.any(AbortSignal),
        },
      ]);
      expect(heard[0]!.signal.aborted).toBe(false);
      await link.close();
      expect(heard[0]!.signal.aborted).toBe(true);
    });

    it("fail with whatever their handler throws", async () => {
      requests = { handle: () => Promise.reject(new TypeError("oops")) };
      request("variables.get", {});
      expect((await worker.receivedKind(0, "reply")).outcome).toMatchObject({
        $case: "failure",
        value: { code: "INTERNAL", message: expect.stringContaining("oops") },
      });
    });
  });
});
