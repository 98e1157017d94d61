import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SnakepitError } from "@snakepit/core";
import { expect, it, test } from "vitest";
import { creditFrame, FrameCollector, idOf } from "../testing/frames.ts";
import { describeTransport, type TransportHarness } from "../testing/transport-conformance.ts";
import { SocketTransport } from "./socket-transport.ts";

const DEFAULT_LIMIT = 16 * 1024 * 1024;

describeTransport("socket", () => openHarness({ pauseOnConnect: false }));

// The bytes are read into memory of the transport; closing the harness waits until the server counts no connection.
describeTransport("socket with its own memory", () => openHarness({ pauseOnConnect: true }));

it("moves an accepted, paused connection to a socket with its own memory, on every supported version of Node.js", async () => {
  for (const pauseOnConnect of [true, false]) {
    const accepted: Socket[] = [];
    const harness = await openHarness({ pauseOnConnect }, accepted);
    await harness.connect();
    expect(accepted.map((socket) => socket.listenerCount("data"))).toEqual([pauseOnConnect ? 0 : 1]);
    await harness.close();
  }
});

/** @param acceptedSockets receives the sockets that the server has accepted. */
async function openHarness(
  { pauseOnConnect }: { readonly pauseOnConnect: boolean },
  acceptedSockets: Socket[] = [],
): Promise<TransportHarness> {
  const path = join(tmpdir(), `snakepit-test-${randomUUID().slice(0, 8)}`);
  const sockets: Socket[] = [];
  const transports: SocketTransport[] = [];
  const server = createServer({ pauseOnConnect });
  server.listen(path);
  await once(server, "listening");

  async function connected(): Promise<[Socket, Socket]> {
    const client = connect(path);
    const [[accepted]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
      [Socket],
      unknown,
    ];
    sockets.push(client, accepted);
    acceptedSockets.push(accepted);
    return [accepted, client];
  }

  function transport(socket: Socket, limit: number): SocketTransport {
    const created = new SocketTransport(socket, limit);
    transports.push(created);
    return created;
  }

  return {
    async connect(limit = DEFAULT_LIMIT) {
      const [accepted, client] = await connected();
      return { host: transport(accepted, limit), worker: transport(client, limit) };
    },
    async connectRaw(limit = DEFAULT_LIMIT) {
      const [accepted, client] = await connected();
      client.on("error", () => client.destroy());
      return {
        host: transport(accepted, limit),
        peer: {
          sendGarbage: () => client.write(Buffer.from([0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0xff])),
          sendLongerThan: (bytes) => {
            const length = Buffer.alloc(4);
            length.writeUInt32BE(bytes + 1);
            client.write(length);
          },
          sendHalfAndGo: () => client.end(Buffer.from([0, 0, 1, 0, 10])),
          dontRead: () => client.pause(),
          read: () => client.resume(),
          vanish: () => client.destroy(),
        },
      };
    },
    async close() {
      for (const transport of transports) transport.abort(new SnakepitError("SHUTTING_DOWN", "the test has ended"));
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
      rmSync(path, { force: true });
    },
  };
}

test("what a peer sent before it disconnected is delivered, although writing to it has failed", async () => {
  const path = join(tmpdir(), `snakepit-test-${randomUUID().slice(0, 8)}`);
  const server = createServer().listen(path);
  await once(server, "listening");
  const client = connect(path);
  const [accepted] = (await once(server, "connection")) as [Socket];
  const host = new SocketTransport(accepted, DEFAULT_LIMIT);
  const worker = new SocketTransport(client, DEFAULT_LIMIT);
  worker.deliverTo(new FrameCollector());
  for (const id of [1, 2, 3]) worker.send(creditFrame(id));
  await worker.close();
  // Nothing is read before the host has a receiver.
  for (const id of [4, 5]) {
    host.send(creditFrame(id));
    await nextTurn();
    await nextTurn();
  }
  const atHost = new FrameCollector();
  host.deliverTo(atHost);
  expect(await host.closed).toEqual({ is: "closed-by-peer", midRecord: false });
  expect(atHost.collected.map(({ frame }) => idOf(frame))).toEqual([1, 2, 3]);
  server.close();
});
