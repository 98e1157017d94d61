import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientUnaryCall, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { decodeValue, encodeValue, type Payload, PayloadFormat, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type { BridgeServer } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BridgeServiceClient,
  type ExecuteStreamingToolResponse,
  type ExecuteToolRequest,
  type ExecuteToolResponse,
  HealthClient,
  HealthService,
  type PingResponse,
  HealthCheckResponse_ServingStatus as Serving,
} from "./grpc.ts";
import { serveBridge } from "./serve-bridge.ts";
import { failureIn, producerStopped } from "./testing/client-messages.ts";
import { RecordedOperations } from "./testing/recorded-operations.ts";
import { ScriptedBridgeHost } from "./testing/scripted-bridge-host.ts";

const LIMIT = 4 * 1024 * 1024;

describe("serveBridge", () => {
  let directory: string;
  let socketPath: string;
  let host: ScriptedBridgeHost;
  let server: BridgeServer;
  let client: InstanceType<typeof BridgeServiceClient>;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    socketPath = join(directory, "bridge.sock");
    host = new ScriptedBridgeHost();
    server = await serve();
    client = new BridgeServiceClient(server.address, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    await server.close({ graceMs: 0 });
    rmSync(directory, { recursive: true });
  });

  function serve(path = socketPath): Promise<BridgeServer> {
    return serveBridge({
      host,
      operations: new RecordedOperations(LIMIT),
      listen: { socketPath: path },
      version: "1.2.3",
      maxPayloadBytes: LIMIT,
    });
  }

  function request(tool: string, args: unknown, overrides: Partial<ExecuteToolRequest> = {}): ExecuteToolRequest {
    const { body, buffers } = encodeValue(args);
    return {
      tool,
      args: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths: buffers.map((each) => each.byteLength) },
      attachments: [...buffers],
      pool: "",
      sessionId: undefined,
      metadata: {},
      ...overrides,
    };
  }

  function jsonRequest(tool: string, args: unknown): ExecuteToolRequest {
    const body = Buffer.from(JSON.stringify(args));
    return request(tool, {}, { args: { format: PayloadFormat.JSON, body, bufferLengths: [] }, attachments: [] });
  }

  function execute(message: ExecuteToolRequest, deadline?: number): Promise<ExecuteToolResponse> {
    return new Promise((resolve, reject) => {
      client.executeTool(message, new Metadata(), deadline === undefined ? {} : { deadline }, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  }

  function ping(): Promise<PingResponse> {
    return new Promise((resolve, reject) => {
      client.ping({ message: "hello" }, (error, pong) => (error === null ? resolve(pong) : reject(error)));
    });
  }

  async function failure(message: ExecuteToolRequest): Promise<ServiceError> {
    return execute(message).then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );
  }

  function decoded(answer: { readonly value: Payload | undefined; readonly attachments: Uint8Array[] }): unknown {
    return decodeValue(
      answer.value!.body,
      answer.attachments.map((each) => Uint8Array.from(each)),
    );
  }

  it("serves on a socket that only its user can open", () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(server.address).toBe(`unix:${socketPath}`);
  });

  it("answers a ping", async () => {
    expect(await ping()).toEqual({ message: "hello", protocol: PROTOCOL_VERSION, runId: "abc1234", version: "1.2.3" });
  });

  it("lists the tools of a pool", async () => {
    host.add("add", () => 0);
    const list = (pool: string) =>
      new Promise((resolve, reject) => {
        client.listTools({ pool }, (error, answer) => (error === null ? resolve(answer) : reject(error)));
      });
    expect(await list("")).toMatchObject({
      tools: [{ name: "add", description: "The tool add.", parameters: [{ name: "x", defaultValue: "1" }] }],
    });
    await expect(list("nowhere")).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it("runs a tool with the arguments, pool, session and metadata of the client", async () => {
    host.add("add", ({ a, b }) => (a as number) + (b as number));
    const answer = await execute(
      request("add", { a: 2, b: 40 }, { pool: "math", sessionId: "s1", metadata: { user: "me" } }),
    );
    expect(decoded(answer)).toBe(42);
    expect(host.calls[0]).toMatchObject({
      tool: "add",
      args: { a: 2, b: 40 },
      options: { pool: "math", sessionId: "s1", metadata: { user: "me" }, timeoutMs: undefined },
    });
  });

  it("sends and receives large arrays as attachments", async () => {
    host.add("twice", ({ array }) => (array as Float64Array).map((each) => each * 2));
    const array = Float64Array.from({ length: 50_000 }, (_, i) => i);
    expect(decoded(await execute(request("twice", { array })))).toEqual(array.map((each) => each * 2));
  });

  it("answers JSON with JSON", async () => {
    host.add("describe", (args) => ({ seen: args, ok: true }));
    const answer = await execute(jsonRequest("describe", { words: ["a", "b"], n: 1.5 }));
    expect(answer.value?.format).toBe(PayloadFormat.JSON);
    expect(JSON.parse(Buffer.from(answer.value!.body).toString())).toEqual({
      seen: { words: ["a", "b"], n: 1.5 },
      ok: true,
    });
  });

  it("rejects a result that JSON cannot represent", async () => {
    host.add("when", () => ({ begun: new Date(0) }));
    expect(await failure(jsonRequest("when", {}))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining("result.begun is a Date"),
    });
  });

  it("accepts a call without arguments", async () => {
    host.add("now", (args) => args);
    expect(decoded(await execute(request("now", {}, { args: undefined })))).toEqual({});
  });

  it.each([
    ["a list", (): ExecuteToolRequest => request("any", [1])],
    ["a JSON number", () => jsonRequest("any", 1)],
    ["a string that is not JSON", () => withPayload(PayloadFormat.JSON, Buffer.from("{"))],
    ["an unknown format", () => withPayload(77 as never, Buffer.from("x"))],
  ])("rejects arguments that are %s", async (_, message) => {
    expect(await failure(message())).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(host.calls).toEqual([]);
  });

  function withPayload(format: Payload["format"], body: Uint8Array): ExecuteToolRequest {
    return request("any", {}, { args: { format, body, bufferLengths: [] } });
  }

  it("rejects arguments that are not MessagePack", async () => {
    const error = await failure(withPayload(PayloadFormat.MESSAGEPACK, Buffer.from([0xc1])));
    expect(error.metadata.get("snakepit-code")).toEqual(["SERIALIZATION"]);
  });

  it("rejects a result over the limit", async () => {
    host.add("large", () => new Uint8Array(LIMIT + 1));
    const error = await failure(request("large", {}));
    expect(error.metadata.get("snakepit-code")).toEqual(["PAYLOAD_TOO_LARGE"]);
  });

  it("ends a failed call with status, code and the whole failure", async () => {
    const python = { type: "ValueError", module: "app", message: "bad", traceback: "Traceback\n", notes: [] };
    host.add("fail", () => {
      throw new SnakepitError("PYTHON_EXCEPTION", "ValueError: bad \ud83d", { python, details: { attempt: 2 } });
    });
    const error = await failure(request("fail", {}));
    expect(error).toMatchObject({ code: status.UNKNOWN, details: "ValueError: bad \ufffd" });
    expect(error.metadata.get("snakepit-code")).toEqual(["PYTHON_EXCEPTION"]);
    expect(failureIn(error)).toMatchObject({
      code: "PYTHON_EXCEPTION",
      details: { attempt: "2" },
      python: { type: "ValueError", traceback: "Traceback\n" },
    });
  });

  it("truncates a failure that does not fit in the metadata", async () => {
    const long = "x".repeat(100_000);
    const python = { type: long, module: long, message: long, traceback: `${long}the end`, notes: [long] };
    host.add("fail", () => {
      throw new SnakepitError("PYTHON_EXCEPTION", long, { python, details: { long, short: 1 } });
    });
    const error = await failure(request("fail", {}));
    expect(error.metadata.get("snakepit-code")).toEqual(["PYTHON_EXCEPTION"]);
    expect(error.metadata.getMap()).toBeDefined();
    expect(failureIn(error).python?.traceback.endsWith("the end")).toBe(true);
    expect(failureIn(error).details).toEqual({ short: "1" });
  });

  it("passes the deadline of the client to the tool", async () => {
    host.add("wait", (_, { signal }) => once(signal, "abort"));
    // On a machine under load, the deadline may pass before the call arrives; then a later one follows.
    let limitMs = 75;
    while (host.calls.length === 0) {
      limitMs *= 2;
      const error = await execute(request("wait", {}), Date.now() + limitMs).catch((thrown: ServiceError) => thrown);
      expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    }
    const { timeoutMs, signal } = host.calls[0]!.options;
    expect(timeoutMs).toBeGreaterThan(0);
    expect(timeoutMs).toBeLessThanOrEqual(limitMs);
    if (!signal.aborted) await once(signal, "abort");
  });

  it("passes the cancellation of the client to the tool", async () => {
    const started = Promise.withResolvers<AbortSignal>();
    host.add("wait", (_, { signal }) => {
      started.resolve(signal);
      return once(signal, "abort");
    });
    const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
    const call: ClientUnaryCall = client.executeTool(request("wait", {}), (error) => resolve(error));
    const signal = await started.promise;
    call.cancel();
    expect(await promise).toMatchObject({ code: status.CANCELLED });
    if (!signal.aborted) await once(signal, "abort");
    expect(signal.reason).toMatchObject({ code: "CANCELLED" });
  });

  it("streams the chunks of a tool", async () => {
    host.add("count", async function* ({ to }) {
      for (let i = 0; i < (to as number); i++) yield i;
    });
    const chunks: unknown[] = [];
    for await (const chunk of client.executeStreamingTool(request("count", { to: 1_000 }))) {
      chunks.push(decoded(chunk as ExecuteStreamingToolResponse));
    }
    expect(chunks).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  it("delivers the chunks before a failure, then the failure", async () => {
    host.add("break", async function* () {
      yield 1;
      throw new SnakepitError("WORKER_CRASHED", "the worker has exited");
    });
    const chunks: unknown[] = [];
    const call = client.executeStreamingTool(request("break", {}));
    call.on("data", (chunk: ExecuteStreamingToolResponse) => chunks.push(decoded(chunk)));
    const [error] = (await once(call, "error").catch((thrown) => [thrown])) as [ServiceError];
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: "the worker has exited" });
    expect(chunks).toEqual([1]);
  });

  it("applies back-pressure to the tool while the client does not read", async () => {
    let produced = 0;
    host.add("flood", async function* () {
      for (; produced < 100_000; produced++) yield "x".repeat(1_000);
    });
    const call = client.executeStreamingTool(request("flood", {}));
    call.on("error", () => {});
    // The client of grpc-js reads without limit until the first message.
    await once(call, "data");
    call.pause();
    await producerStopped(() => produced, ping);
    expect(produced).toBeGreaterThan(0);
    expect(produced).toBeLessThan(10_000);
    call.cancel();
  });

  it("ends the stream of the tool when the client disconnects", async () => {
    const ended = Promise.withResolvers<void>();
    host.add("endless", async function* () {
      try {
        for (let i = 0; ; i++) {
          yield i;
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended.resolve();
      }
    });
    const call = client.executeStreamingTool(request("endless", {}));
    await once(call, "data");
    call.on("error", () => {});
    call.cancel();
    await ended.promise;
  });

  it("reports in grpc.health.v1 whether the host is ready", async () => {
    const health = new Client(server.address, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = HealthService.watch;
    const watch = health.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
      service: "snakepit.bridge.v1.BridgeService",
    });
    watch.on("error", () => {});
    expect(await once(watch, "data")).toEqual([{ status: Serving.NOT_SERVING }]);
    host.becomeReady();
    expect(await once(watch, "data")).toEqual([{ status: Serving.SERVING }]);
    server.setServing(false);
    expect(await once(watch, "data")).toEqual([{ status: Serving.NOT_SERVING }]);
    health.close();
  });

  describe("in grpc.health.v1", () => {
    let health: HealthClient;
    beforeEach(() => {
      health = new HealthClient(server.address, credentials.createInsecure());
    });
    afterEach(() => health.close());

    const statusOf = (service: string) =>
      new Promise<Serving | string>((resolve) => {
        health.check({ service }, (error, answer) => resolve(error === null ? answer.status : error.message));
      });

    it("has the status of the host, of each pool, and of liveness", async () => {
      const all = ["", "snakepit.bridge.v1.BridgeService", "pool.ml"];
      for (const service of all) expect(await statusOf(service)).toBe(Serving.NOT_SERVING);
      expect(await statusOf("live")).toBe(Serving.SERVING);
      host.becomeReady();
      for (const service of all) expect(await statusOf(service)).toBe(Serving.SERVING);
    });

    it("lists the services with their statuses", async () => {
      const statuses = await new Promise<Record<string, { readonly status: Serving }>>((resolve, reject) => {
        health.list({}, (error, answer) => (error === null ? resolve(answer.statuses) : reject(error)));
      });
      expect(
        Object.entries(statuses)
          .sort(([one], [other]) => one.localeCompare(other))
          .map(([name, { status }]) => [name, status]),
      ).toEqual([
        ["", Serving.NOT_SERVING],
        ["live", Serving.SERVING],
        ["pool.ml", Serving.NOT_SERVING],
        ["snakepit.bridge.v1.BridgeService", Serving.NOT_SERVING],
      ]);
    });

    it("names the services in the error for an unknown one, and keeps a watch of it open", async () => {
      expect(await statusOf("pool.other")).toMatch(/NOT_FOUND: unknown service "pool\.other".*"pool\.ml"/);
      const watch = health.watch({ service: "pool.other" });
      watch.on("error", () => {});
      expect(await once(watch, "data")).toEqual([{ status: Serving.SERVICE_UNKNOWN }]);
      watch.cancel();
    });

    it("notifies a watch only when the status of its service changes", async () => {
      const watch = health.watch({ service: "pool.ml" });
      const received: Serving[] = [];
      watch.on("data", ({ status }: { readonly status: Serving }) => received.push(status));
      watch.on("error", () => {});
      await expect.poll(() => received).toEqual([Serving.NOT_SERVING]);
      host.becomeReady();
      await expect.poll(() => received).toEqual([Serving.NOT_SERVING, Serving.SERVING]);
      host.becomeReady();
      server.setServing(false);
      await expect.poll(() => received).toEqual([Serving.NOT_SERVING, Serving.SERVING, Serving.NOT_SERVING]);
      watch.cancel();
    });
  });

  it("finishes active calls when it closes, and rejects new ones", async () => {
    const finish = Promise.withResolvers<string>();
    const started = Promise.withResolvers<void>();
    host.add("slow", () => {
      started.resolve();
      return finish.promise;
    });
    const answer = execute(request("slow", {}));
    await started.promise;
    const closed = server.close({ graceMs: 600_000 });
    finish.resolve("done");
    expect(decoded(await answer)).toBe("done");
    await closed;
    expect(await failure(request("slow", {}))).toMatchObject({ code: status.UNAVAILABLE });
  });

  it("stays open when the options of close() are invalid", async () => {
    for (const [options, given] of [
      [{ grace: 5 }, "an object with grace"],
      [{ graceMs: "soon" }, 'graceMs: "soon"'],
      [5, "5"],
    ]) {
      await expect(server.close(options as never)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: `the options of close() must be { graceMs }, in milliseconds or a string such as "5s"; got ${given}`,
      });
    }
    host.add("echo", () => "hello");
    expect(decoded(await execute(request("echo", {})))).toBe("hello");
    await server.close({ graceMs: "1s" });
  });

  it("rejects a path that is in use, and replaces the socket of a dead host", async () => {
    await expect(serve()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("another"),
    });
    await server.close();
    const foreign = createServer().listen(socketPath);
    await once(foreign, "listening");
    await expect(serve()).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    foreign.close();
    rmSync(socketPath, { force: true });
    writeFileSync(socketPath, "precious");
    await expect(serve()).rejects.toMatchObject({ code: "INVALID_CONFIG", message: expect.stringContaining("socket") });
    rmSync(socketPath);
    await expect(serve(join(directory, "no", "where"))).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("no does not exist"),
    });
    server = await serve();
  });
});
