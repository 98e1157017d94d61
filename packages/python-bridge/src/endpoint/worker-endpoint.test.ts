import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { type Frame, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { newRunId, noHostRequests, noInstrumentation, SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleCall } from "../testing/linked-worker.ts";
import { WireWorker } from "../testing/wire-worker.ts";
import { GrpcTransport } from "../transports/grpc-transport.ts";
import type { Expectation } from "./expectations.ts";
import { WORKER_LINK_ATTACH } from "./grpc-listener.ts";
import { WorkerEndpoint, type WorkerEndpointOptions } from "./worker-endpoint.ts";

const WORKER = {
  workerId: "w1",
  pool: "default",
  heartbeatIntervalMs: 2_000,
  heartbeatTimeoutMs: 10_000,
  requests: noHostRequests,
};

describe("WorkerEndpoint", () => {
  let base: string;
  let endpoint: WorkerEndpoint;
  let rejections: SnakepitError[];
  let whenRejected: ((error: SnakepitError) => void) | undefined;

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    rejections = [];
    whenRejected = undefined;
    endpoint = await open();
  });

  afterEach(async () => {
    await endpoint.close();
    rmSync(base, { recursive: true });
  });

  function open(options: Partial<WorkerEndpointOptions> = {}): Promise<WorkerEndpoint> {
    return WorkerEndpoint.open({
      runId: newRunId(),
      maxPayloadBytes: 1024 * 1024,
      directory: base,
      instrumentation: noInstrumentation,
      onRejected: (error) => {
        rejections.push(error);
        whenRejected?.(error);
      },
      ...options,
    });
  }

  function nextRejection(): Promise<SnakepitError> {
    return new Promise((resolve) => {
      whenRejected = resolve;
    });
  }

  async function connected(expectation: Expectation): Promise<WireWorker> {
    const worker = await WireWorker.connect(endpoint.address);
    worker.hello({ token: expectation.token });
    return worker;
  }

  it("listens on a socket that only its user can open, in a directory that only its user can enter", () => {
    expect(statSync(endpoint.address).mode & 0o777).toBe(0o600);
    expect(statSync(join(endpoint.address, "..")).mode & 0o777).toBe(0o700);
  });

  it("accepts a worker with the token that it issued", async () => {
    const expectation = endpoint.expect(WORKER);
    const worker = await connected(expectation);
    expect(await worker.receivedKind(0, "accept")).toEqual({
      protocol: PROTOCOL_VERSION,
      runId: expect.stringMatching(/^[0-9a-z]{7}$/),
      heartbeatIntervalMs: 2_000,
      heartbeatTimeoutMs: 0,
      maxPayloadBytes: 1024 * 1024,
      readsUnsentRecords: false,
    });
    const link = await expectation.connected;
    expect(link.pool).toBe("default");
    expect(link.facts).toMatchObject({ workerId: "w1", pid: 4711, startTime: "1234", capacity: 1, tools: [] });
    expect(link.facts.runtime).toMatchObject({ version: "3.12.1", bridgeVersion: "0.1.0" });
    expect(rejections).toEqual([]);
  });

  it("announces the maximum batch size before it sends a large batch", async () => {
    const expectation = endpoint.expect(WORKER);
    const dispatched = expectation.connected.then((link) =>
      link.dispatch(sampleCall({}, { data: new Uint8Array(500_000) }), { chunk: () => {}, settled: () => {} }),
    );
    const worker = await WireWorker.connect(endpoint.address);
    worker.transport.limitRecords(64 * 1024);
    const call = new Promise<Frame>((resolve) => {
      worker.transport.deliverTo({
        frame(frame) {
          if (frame.kind?.$case === "accept") worker.transport.limitRecords(1024 * 1024);
          else resolve(frame);
        },
      });
    });
    worker.hello({ token: expectation.token });
    await dispatched;
    const gone = worker.transport.closed.then(({ is }) => is);
    expect(await Promise.race([call.then((frame) => frame.kind?.$case), gone])).toBe("call");
  });

  it("reports the tools of a worker", async () => {
    const expectation = endpoint.expect(WORKER);
    const worker = await WireWorker.connect(endpoint.address);
    const plain = { name: "x", type: "int", required: true, defaultValue: undefined, description: undefined };
    worker.hello({
      token: expectation.token,
      capacity: 8,
      tools: [
        {
          name: "add",
          description: "Adds.",
          streaming: false,
          idempotent: false,
          parameters: [plain, { ...plain, name: "y", required: false, defaultValue: "1", description: "second" }],
        },
      ],
    });
    const { facts } = await expectation.connected;
    expect(facts.capacity).toBe(8);
    expect(facts.tools).toEqual([
      {
        name: "add",
        description: "Adds.",
        streaming: false,
        parameters: [
          { name: "x", type: "int", required: true },
          { name: "y", type: "int", required: false, default: "1", description: "second" },
        ],
      },
    ]);
  });

  it("accepts any number of workers at once, each as the worker that its hello names", async () => {
    const expectations = Array.from({ length: 100 }, (_, i) => endpoint.expect({ ...WORKER, workerId: `w${i}` }));
    await Promise.all(
      expectations.map(async ({ token }, i) => {
        const worker = await WireWorker.connect(endpoint.address);
        worker.hello({ token, workerId: `w${i}`, pid: i });
      }),
    );
    const links = await Promise.all(expectations.map(({ connected }) => connected));
    expect(links.map(({ facts }) => [facts.workerId, facts.pid])).toEqual(links.map((_, i) => [`w${i}`, i]));
  });

  it("rejects a wrong token, and the launch continues", async () => {
    const expectation = endpoint.expect(WORKER);
    const unknownPeer = await WireWorker.connect(endpoint.address);
    unknownPeer.hello({ token: "guessed" });
    const { failure } = await unknownPeer.receivedKind(0, "reject");
    expect(failure).toMatchObject({ code: "UNAUTHENTICATED", message: expect.stringContaining("w1") });
    expect(await unknownPeer.transport.closed).toMatchObject({ is: "closed-by-peer" });
    expect(rejections).toEqual([expect.objectContaining({ code: "UNAUTHENTICATED" })]);
    expect(endpoint.lastRejection).toBe(rejections[0]);

    await connected(expectation);
    expect((await expectation.connected).facts.workerId).toBe("w1");
  });

  it("rejects a worker that is not expected", async () => {
    const unknownPeer = await WireWorker.connect(endpoint.address);
    unknownPeer.hello({ workerId: "unheard-of", token: "" });
    expect((await unknownPeer.receivedKind(0, "reject")).failure?.code).toBe("UNAUTHENTICATED");
  });

  it("rejects a token that was already used, and keeps the worker that used it", async () => {
    const expectation = endpoint.expect(WORKER);
    await connected(expectation);
    const link = await expectation.connected;
    const second = await connected(expectation);
    const { failure } = await second.receivedKind(0, "reject");
    expect(failure).toMatchObject({ code: "UNAUTHENTICATED", message: expect.stringContaining("already used") });
    await second.transport.closed;
    const pending = Promise.race([link.closed, Promise.resolve("open")]);
    expect(await pending).toBe("open");
  });

  it("rejects a worker with another protocol version; the error names both versions and the remedy", async () => {
    const expectation = endpoint.expect(WORKER);
    const worker = await WireWorker.connect(endpoint.address);
    worker.hello({ token: expectation.token, protocol: 99 });
    await expect(expectation.connected).rejects.toMatchObject({
      code: "PROTOCOL_MISMATCH",
      message: expect.stringMatching(new RegExp(`protocol version ${PROTOCOL_VERSION}; got 99;.*snakepit setup`)),
      pool: "default",
      workerId: "w1",
      startFailure: "permanent",
      details: { theirs: 99, ours: PROTOCOL_VERSION },
    });
    expect((await worker.receivedKind(0, "reject")).failure?.code).toBe("PROTOCOL_MISMATCH");
  });

  it("rejects the launch with the exception of a worker that could not be set up", async () => {
    const expectation = endpoint.expect(WORKER);
    const worker = await WireWorker.connect(endpoint.address);
    const python = {
      type: "ImportError",
      module: "builtins",
      message: "no numpy",
      traceback: "Traceback …",
      notes: ["a note"],
      cause: undefined,
    };
    worker.hello({
      token: expectation.token,
      failure: {
        code: "WORKER_START_FAILED",
        message: "tools.py: no numpy",
        python,
        details: { permanent: "true" },
        hostException: undefined,
      },
    });
    await expect(expectation.connected).rejects.toMatchObject({
      code: "WORKER_START_FAILED",
      message: "tools.py: no numpy",
      startFailure: "permanent",
      python: { type: "ImportError", notes: ["a note"] },
      workerId: "w1",
    });
  });

  it("reports a start failure under any other code as a start failure", async () => {
    const expectation = endpoint.expect(WORKER);
    const worker = await WireWorker.connect(endpoint.address);
    worker.hello({
      token: expectation.token,
      failure: { code: "PYTHON_EXCEPTION", message: "boom", python: undefined, details: {}, hostException: undefined },
    });
    await expect(expectation.connected).rejects.toMatchObject({
      code: "WORKER_START_FAILED",
      message: "boom",
      details: { reportedCode: "PYTHON_EXCEPTION" },
    });
  });

  it("closes a connection that sends nothing", async () => {
    await using endpointWithLimit = await open({ helloTimeoutMs: 20 });
    const rejection = nextRejection();
    const silent = await WireWorker.connect(endpointWithLimit.address);
    expect(await rejection).toMatchObject({ code: "UNAUTHENTICATED", message: expect.stringContaining("20 ms") });
    expect((await silent.receivedKind(0, "reject")).failure?.code).toBe("UNAUTHENTICATED");
    await silent.transport.closed;
  });

  it.each([
    ["bytes that are no record", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a record that is no batch", Buffer.from([0, 0, 0, 3, 0xff, 0xff, 0xff])],
    ["a record that is far too long", Buffer.from([0x7f, 0xff, 0xff, 0xff])],
  ])("closes a connection that sends %s", async (_, garbage) => {
    const rejection = nextRejection();
    const socket = connect(endpoint.address);
    socket.on("error", () => socket.destroy());
    socket.resume().write(garbage);
    expect(await rejection).toMatchObject({
      code: "PROTOCOL_MISMATCH",
      message: expect.stringContaining("did not begin with a hello"),
    });
    if (!socket.closed) await once(socket, "close");
  });

  it("rejects a connection whose first frame is not Hello", async () => {
    const unknownPeer = await WireWorker.connect(endpoint.address);
    unknownPeer.end(1);
    const { failure } = await unknownPeer.receivedKind(0, "reject");
    expect(failure).toMatchObject({ code: "PROTOCOL_MISMATCH", message: expect.stringContaining("result") });
  });

  it("detects a connection that closes without a hello", async () => {
    const rejection = nextRejection();
    const socket = connect(endpoint.address);
    await once(socket, "connect");
    socket.destroy();
    expect(await rejection).toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("ended before"),
    });
  });

  it("rejects an abandoned launch and invalidates its token", async () => {
    const expectation = endpoint.expect(WORKER);
    const error = new SnakepitError("WORKER_START_FAILED", "too slow");
    expectation.abandon(error);
    expectation.abandon(new SnakepitError("INTERNAL", "too late"));
    await expect(expectation.connected).rejects.toBe(error);
    const late = await connected(expectation);
    expect((await late.receivedKind(0, "reject")).failure?.code).toBe("UNAUTHENTICATED");
  });

  it("keeps a connected worker whose launch is abandoned", async () => {
    const expectation = endpoint.expect(WORKER);
    await connected(expectation);
    const link = await expectation.connected;
    expectation.abandon(new SnakepitError("INTERNAL", "too late"));
    expect(await expectation.connected).toBe(link);
  });

  it("accepts the same worker ID again after its link has closed", async () => {
    const first = endpoint.expect(WORKER);
    expect(() => endpoint.expect(WORKER)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    const worker = await connected(first);
    const link = await first.connected;
    await worker.transport.close();
    await link.closed;
    const second = endpoint.expect(WORKER);
    await connected(second);
    expect((await second.connected).facts.workerId).toBe("w1");
  });

  it("aborts the link of a silent worker with WORKER_HUNG", async () => {
    const expectation = endpoint.expect({ ...WORKER, heartbeatTimeoutMs: 100 });
    await connected(expectation);
    const link = await expectation.connected;
    expect(await link.closed).toMatchObject({
      requested: false,
      cause: { code: "WORKER_HUNG", workerId: "w1", message: expect.stringContaining("100 ms") },
    });
  });

  it("counts all received bytes as a sign that the worker is alive", async () => {
    const expectation = endpoint.expect({ ...WORKER, heartbeatTimeoutMs: 200 });
    const worker = await connected(expectation);
    const silent = endpoint.expect({ ...WORKER, workerId: "w2", heartbeatTimeoutMs: 200 });
    const other = await WireWorker.connect(endpoint.address);
    other.hello({ token: silent.token, workerId: "w2" });
    const [link, silentLink] = await Promise.all([expectation.connected, silent.connected]);
    const beat = {
      $case: "heartbeat",
      value: { rssBytes: 1, active: 0, lastProgressMs: 0, cpuMs: 0, threads: 0 },
    } as const;
    const beating = setInterval(() => worker.send(beat), 10);
    // Twice the time-out of either worker, measured with one that sends nothing.
    await silentLink.closed;
    const third = endpoint.expect({ ...WORKER, workerId: "w3", heartbeatTimeoutMs: 200 });
    (await WireWorker.connect(endpoint.address)).hello({ token: third.token, workerId: "w3" });
    await (await third.connected).closed;
    clearInterval(beating);
    expect(link.vitals).toMatchObject({ rssBytes: 1 });
    expect(await Promise.race([link.closed, Promise.resolve("open")])).toBe("open");
  });

  it("does not abort links after its own event loop was blocked", async () => {
    // Longer than a process under load takes to connect a worker and to read its frames.
    const expectation = endpoint.expect({ ...WORKER, heartbeatTimeoutMs: 1_000 });
    const worker = await connected(expectation);
    const link = await expectation.connected;
    // The event loop is blocked, so no frame of the worker is read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
    const beat = {
      $case: "heartbeat",
      value: { rssBytes: 1, active: 0, lastProgressMs: 0, cpuMs: 0, threads: 0 },
    } as const;
    worker.send(beat);
    await link.closed;
    expect(link.vitals).toBeDefined();
  });

  it("closes links, launches and connections, and removes its directory", async () => {
    const met = endpoint.expect(WORKER);
    const worker = await connected(met);
    const link = await met.connected;
    const unmet = endpoint.expect({ ...WORKER, workerId: "w2" });
    const silent = await WireWorker.connect(endpoint.address);
    await Promise.all([endpoint.close(), endpoint.close()]);
    expect(await link.closed).toEqual({ requested: true });
    await expect(unmet.connected).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    await expect(endpoint.expect({ ...WORKER, workerId: "w3" }).connected).rejects.toMatchObject({
      code: "SHUTTING_DOWN",
    });
    await expect(endpoint.dialAddress("grpc")).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    await Promise.all([worker.transport.closed, silent.transport.closed]);
    expect(existsSync(join(endpoint.address, ".."))).toBe(false);
  });

  it("accepts workers over gRPC as well, on a second socket", async () => {
    const address = await endpoint.dialAddress("grpc");
    expect(await endpoint.dialAddress("grpc")).toBe(address);
    expect(statSync(address.replace("unix:", "")).mode & 0o777).toBe(0o600);
    const expectation = endpoint.expect(WORKER);
    const client = new Client(address, credentials.createInsecure());
    const asIs = (message: Buffer) => message;
    const attach = () =>
      new WireWorker(new GrpcTransport(client.makeBidiStreamRequest(WORKER_LINK_ATTACH.path, asIs, asIs), 1024 * 1024));
    const unknownPeer = attach();
    unknownPeer.hello({ token: "guessed" });
    expect((await unknownPeer.receivedKind(0, "reject")).failure?.code).toBe("UNAUTHENTICATED");
    const worker = attach();
    worker.hello({ token: expectation.token });
    expect((await worker.receivedKind(0, "accept")).protocol).toBe(PROTOCOL_VERSION);
    const link = await expectation.connected;
    worker.send({ $case: "heartbeat", value: { rssBytes: 5, active: 0, lastProgressMs: 0, cpuMs: 0, threads: 0 } });
    await worker.transport.close();
    expect(await link.closed).toEqual({ requested: false });
    expect(link.vitals?.rssBytes).toBe(5);
    client.close();
  });
});
