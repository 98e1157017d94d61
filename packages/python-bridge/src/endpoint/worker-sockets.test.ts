import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { newRunId, noHostRequests, noInstrumentation } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WireWorker } from "../testing/wire-worker.ts";
import { GrpcTransport } from "../transports/grpc-transport.ts";
import { WORKER_LINK_ATTACH } from "./grpc-listener.ts";
import { WorkerEndpoint } from "./worker-endpoint.ts";

const asIs = (message: Buffer) => message;

/** What can be removed while a host runs, given the path of a socket. */
const REMOVALS: readonly (readonly [string, (socket: string) => void])[] = [
  ["the socket", (socket) => rmSync(socket)],
  ["the directory of the sockets", (socket) => rmSync(dirname(socket), { recursive: true })],
  [
    "the directory around it, and created again,",
    (socket) => {
      rmSync(dirname(dirname(socket)), { recursive: true });
      mkdirSync(dirname(dirname(socket)));
    },
  ],
];

describe("WorkerEndpoint, when its sockets are removed while it runs", () => {
  let outer: string;
  let base: string;
  let endpoint: WorkerEndpoint;
  let clients: Client[];

  beforeEach(async () => {
    outer = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    base = join(outer, "runtime");
    mkdirSync(base);
    clients = [];
    endpoint = await WorkerEndpoint.open({
      runId: newRunId(),
      maxPayloadBytes: 1024 * 1024,
      directory: base,
      instrumentation: noInstrumentation,
    });
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await endpoint.close();
    expect(existsSync(base) ? readdirSync(base) : []).toEqual([]);
    rmSync(outer, { recursive: true });
  });

  describe.each(["socket", "grpc"] as const)("over %s", (transport) => {
    it.each(REMOVALS)("listens again when %s was removed, and keeps its workers (H8)", async (_, remove) => {
      const first = await connect("w1", transport);
      const before = (await endpoint.dialAddress(transport)).replace("unix:", "");
      remove(before);
      const second = await connect("w2", transport);
      const after = (await endpoint.dialAddress(transport)).replace("unix:", "");
      expect(after).not.toBe(before);
      expect(statSync(after).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(after)).mode & 0o777).toBe(0o700);
      expect(await Promise.race([first.closed, second.closed, "both are connected"])).toBe("both are connected");
    });

    it("listens again once for many workers that start concurrently (H8)", async () => {
      await connect("w0", transport);
      rmSync(dirname(endpoint.address), { recursive: true });
      const addresses = await Promise.all(Array.from({ length: 20 }, () => endpoint.dialAddress(transport)));
      expect(new Set(addresses).size).toBe(1);
      await Promise.all(["w1", "w2", "w3"].map((workerId) => connect(workerId, transport)));
      expect(readdirSync(base)).toHaveLength(1);
    });
  });

  it("names the directory if it cannot listen again, and listens as soon as possible (H8)", async () => {
    rmSync(base, { recursive: true });
    await expect(endpoint.dialAddress("socket")).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`${base} does not exist; set socketDirectory`),
    });
    mkdirSync(base);
    await connect("w1", "socket");
  });

  it("keeps its address if nothing was removed", async () => {
    const address = await endpoint.dialAddress("socket");
    await endpoint.dialAddress("grpc");
    expect(await endpoint.dialAddress("socket")).toBe(address);
  });

  async function connect(workerId: string, transport: "socket" | "grpc") {
    const { token, connected } = endpoint.expect({
      workerId,
      pool: "default",
      heartbeatIntervalMs: 2_000,
      heartbeatTimeoutMs: 60_000,
      requests: noHostRequests,
    });
    const address = await endpoint.dialAddress(transport);
    const worker = transport === "socket" ? await WireWorker.connect(address) : overGrpc(address);
    worker.hello({ token, workerId });
    return await connected;
  }

  function overGrpc(address: string): WireWorker {
    const client = new Client(address, credentials.createInsecure());
    clients.push(client);
    return new WireWorker(
      new GrpcTransport(client.makeBidiStreamRequest(WORKER_LINK_ATTACH.path, asIs, asIs), 1024 * 1024),
    );
  }
});
