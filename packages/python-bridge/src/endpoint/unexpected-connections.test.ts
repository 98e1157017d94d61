import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Client, type ClientDuplexStream, credentials } from "@grpc/grpc-js";
import { Hello } from "@snakepit/bridge-proto";
import { newRunId, noHostRequests, noInstrumentation, type SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WireWorker } from "../testing/wire-worker.ts";
import { MAX_HELLO_BYTES } from "../transports/frame-transport.ts";
import { encodeGrpcMessage } from "../transports/grpc-message.ts";
import { WORKER_LINK_ATTACH } from "./grpc-listener.ts";
import { WorkerEndpoint } from "./worker-endpoint.ts";

const WORKER = {
  workerId: "w1",
  pool: "default",
  heartbeatIntervalMs: 2_000,
  heartbeatTimeoutMs: 60_000,
  requests: noHostRequests,
};

/** Memory that rejecting one record may use in addition to its bytes; decoding one took 250 to 500 MB. */
const ALLOWED_BYTES = 96 * 1024 * 1024;

const repeated = (bytes: readonly number[], total: number) => Buffer.alloc(total, Buffer.from(bytes));
const field = (tag: number, bytes: Uint8Array) => new BinaryWriter().uint32(tag).bytes(bytes).finish();
const helloBatch = (hello: Uint8Array) => field(10, field(10, hello));
const unknownPeer = () =>
  Hello.encode({ ...Hello.decode(new Uint8Array(0)), workerId: "w1", token: "guessed" }).finish();

/** Batches of a few megabytes that would become hundreds of megabytes of objects. */
const BATCHES: readonly (readonly [string, () => Uint8Array])[] = [
  ["1,048,576 attachments", () => field(18, new Uint8Array(1_048_576))],
  [
    "a hello and 1,048,576 attachments",
    () => Buffer.concat([helloBatch(unknownPeer()), field(18, new Uint8Array(1_048_576))]),
  ],
  ["1,048,576 attachments of a byte", () => field(18, repeated([1], 1_048_576))],
  ["2,000,000 empty frames", () => repeated([10, 0], 4_000_000)],
  ["a hello with 2,000,000 tools", () => helloBatch(Buffer.concat([unknownPeer(), repeated([66, 0], 4_000_000)]))],
  [
    "a hello whose 2,000,000 tools come before its token",
    () => helloBatch(Buffer.concat([repeated([66, 0], 4_000_000), unknownPeer()])),
  ],
  ["a hello whose token has 4,000,000 bytes", () => helloBatch(field(10, repeated([65], 4_000_000)))],
  ["4,000,000 nested groups of an unknown field", () => repeated([0x7b], 4_000_000)],
  ["a telemetry frame with 1,500,000 empty spans", () => field(10, field(58, repeated([10, 0], 3_000_000)))],
];

describe("a process that is not a worker", () => {
  let base: string;
  let endpoint: WorkerEndpoint;
  let rejections: SnakepitError[];
  let whenRejected: (() => void) | undefined;

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    rejections = [];
    endpoint = await WorkerEndpoint.open({
      runId: newRunId(),
      maxPayloadBytes: 64 * 1024 * 1024,
      directory: base,
      instrumentation: noInstrumentation,
      helloTimeoutMs: 120_000,
      onRejected: (error) => {
        rejections.push(error);
        whenRejected?.();
      },
    });
    endpoint.expect(WORKER);
  });

  afterEach(async () => {
    await endpoint.close();
    rmSync(base, { recursive: true });
  });

  describe.each(BATCHES)("that sends %s (L6)", (_, makeBatch) => {
    it("is rejected on the socket before memory is allocated for it", async () => {
      const batch = makeBatch();
      const socket = await dial();
      const growth = await memoryUntilRejection(() => socket.write(socketRecord(batch)));
      expect(rejections).toEqual([expect.objectContaining({ code: expect.stringMatching(/^(PROTOCOL|UNAUTH)/) })]);
      expect(growth).toBeLessThan(batch.byteLength * 3 + ALLOWED_BYTES);
    });

    it("is rejected over gRPC before memory is allocated for it", async () => {
      const batch = makeBatch();
      const [stream, client] = await attach();
      const growth = await memoryUntilRejection(() => stream.write(encodeGrpcMessage(batch, [])));
      expect(rejections).toEqual([expect.objectContaining({ code: expect.stringMatching(/^(PROTOCOL|UNAUTH)/) })]);
      expect(growth).toBeLessThan(batch.byteLength * 6 + ALLOWED_BYTES);
      client.close();
    });
  });

  it("is rejected if it sends 1,048,576 empty attachments in one gRPC message (L6)", async () => {
    const message = Buffer.concat([field(10, helloBatch(unknownPeer())), repeated([18, 0], 2 * 1_048_576)]);
    const [stream, client] = await attach();
    const growth = await memoryUntilRejection(() => stream.write(message));
    expect(rejections).toEqual([expect.objectContaining({ code: "PROTOCOL_MISMATCH" })]);
    expect(growth).toBeLessThan(message.byteLength * 6 + ALLOWED_BYTES);
    client.close();
  });

  it("is rejected if it joins 60 small batches to a large one in one gRPC message (L6)", async () => {
    const message = Buffer.concat(Array.from({ length: 62 }, () => field(10, repeated([10, 0], 65_000))));
    const [stream, client] = await attach();
    const growth = await memoryUntilRejection(() => stream.write(message));
    expect(rejections).toEqual([expect.objectContaining({ code: "PROTOCOL_MISMATCH" })]);
    expect(growth).toBeLessThan(message.byteLength * 6 + ALLOWED_BYTES);
    client.close();
  });

  it("reserves no memory for a batch that it announces and does not send (L6)", async () => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(MAX_HELLO_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    const sockets = await Promise.all(Array.from({ length: 100 }, () => dial()));
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.write(Buffer.concat([prefix, prefix]), resolve))),
    );
    // A later connection is answered after all of these have been read.
    const last = await WireWorker.connect(endpoint.address);
    last.hello({ token: "guessed" });
    await last.receivedKind(0, "reject");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 256 * 1024);
    for (const socket of sockets) socket.destroy();
  });

  it("cannot block workers with connections that send nothing (L6)", async () => {
    const sockets: Socket[] = [];
    for (let count = 0; count < 400; count += 1) sockets.push(await dial());
    const { token, connected } = endpoint.expect({ ...WORKER, workerId: "w2" });
    const worker = await WireWorker.connect(endpoint.address);
    worker.hello({ token, workerId: "w2" });
    await connected;
    expect(rejections.length).toBeGreaterThan(100);
    expect(rejections[0]).toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("too many connections"),
    });
    for (const socket of sockets) socket.destroy();
  });

  it("is disconnected even if it sends a byte from time to time (L6)", async () => {
    await using endpointWithLimit = await WorkerEndpoint.open({
      runId: newRunId(),
      maxPayloadBytes: 1_024,
      directory: base,
      instrumentation: noInstrumentation,
      helloTimeoutMs: 200,
    });
    const socket = connect(endpointWithLimit.address).on("error", () => {});
    const dripping = setInterval(() => socket.write(Buffer.from([0])), 20);
    await new Promise((resolve) => socket.resume().once("close", resolve));
    clearInterval(dripping);
    expect(endpointWithLimit.lastRejection).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("does not prevent a worker with 20,000 tools from connecting", async () => {
    const { token, connected } = endpoint.expect({ ...WORKER, workerId: "w2" });
    const tool = { name: "tool", description: "does what it does".repeat(5), parameters: [], streaming: false };
    const worker = await WireWorker.connect(endpoint.address);
    const tools = Array.from({ length: 20_000 }, (_, index) => ({ ...tool, name: `tool_${index}` }));
    worker.hello({ token, workerId: "w2", tools: tools as never });
    expect((await connected).facts.tools).toHaveLength(20_000);
  });

  it("has stricter limits than a worker, whose attachments must still match its frames (L6)", async () => {
    const { token, connected } = endpoint.expect({ ...WORKER, workerId: "w2" });
    const socket = await dial();
    const hello = Hello.encode({ ...Hello.decode(new Uint8Array(0)), workerId: "w2", token, protocol: 1 });
    socket.write(socketRecord(helloBatch(hello.finish())));
    const link = await connected;
    const before = process.memoryUsage();
    socket.write(socketRecord(field(18, new Uint8Array(1_048_576))));
    const closed = await link.closed;
    expect(closed).toMatchObject({ requested: false });
    // Its batch is decoded first: the lengths alone are an array of a million numbers, which grew.
    expect(grownSince(before)).toBeLessThan(1.5 * ALLOWED_BYTES);
  });

  async function dial(): Promise<Socket> {
    const socket = connect(endpoint.address);
    socket.on("error", () => socket.destroy());
    await once(socket.resume(), "connect");
    return socket;
  }

  async function attach(): Promise<[ClientDuplexStream<Buffer, Buffer>, Client]> {
    const client = new Client(await endpoint.dialAddress("grpc"), credentials.createInsecure());
    const asIs = (message: Buffer) => message;
    const stream = client.makeBidiStreamRequest(WORKER_LINK_ATTACH.path, asIs, asIs);
    stream.on("error", () => {}).on("data", () => {});
    // The connection itself takes memory.
    await new Promise((resolve) => client.waitForReady(Date.now() + 60_000, resolve));
    return [stream, client];
  }

  function memoryUntilRejection(send: () => void): Promise<number> {
    const before = process.memoryUsage();
    return new Promise((resolve) => {
      whenRejected = () => resolve(grownSince(before));
      send();
    });
  }
});

function grownSince(before: NodeJS.MemoryUsage): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external - before.heapUsed - before.external;
}

function socketRecord(batch: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(batch.byteLength);
  return Buffer.concat([prefix, batch]);
}
