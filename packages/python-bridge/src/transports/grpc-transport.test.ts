import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from "@grpc/grpc-js";
import { WORKER_LINK_ATTACH } from "../endpoint/grpc-listener.ts";
import { describeTransport, type TransportHarness } from "../testing/transport-conformance.ts";
import { GrpcTransport } from "./grpc-transport.ts";

const DEFAULT_LIMIT = 16 * 1024 * 1024;
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const asIs = (bytes: Buffer) => bytes;

describeTransport("gRPC", async (): Promise<TransportHarness> => {
  const path = join(tmpdir(), `snakepit-test-${randomUUID().slice(0, 8)}`);
  const waiting: ((stream: ServerDuplexStream<Buffer, Buffer>) => void)[] = [];
  const server = new Server(UNLIMITED);
  server.addService(
    {
      attach: WORKER_LINK_ATTACH,
    },
    { attach: (stream: ServerDuplexStream<Buffer, Buffer>) => waiting.shift()?.(stream) },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  const clients: Client[] = [];

  function accepted(): Promise<ServerDuplexStream<Buffer, Buffer>> {
    return new Promise((resolve) => waiting.push(resolve));
  }

  async function connected(): Promise<[ServerDuplexStream<Buffer, Buffer>, ClientDuplexStream<Buffer, Buffer>]> {
    const client = new Client(`unix:${path}`, credentials.createInsecure(), UNLIMITED);
    clients.push(client);
    const incoming = accepted();
    const stream = client.makeBidiStreamRequest(WORKER_LINK_ATTACH.path, asIs, asIs);
    return [await incoming, stream];
  }

  return {
    async connect(limit = DEFAULT_LIMIT) {
      const [incoming, stream] = await connected();
      return { host: new GrpcTransport(incoming, limit), worker: new GrpcTransport(stream, limit) };
    },
    async connectRaw(limit = DEFAULT_LIMIT) {
      const session = connectHttp2("http://localhost", { createConnection: () => connectSocket(path) });
      const incoming = accepted();
      const stream = session.request({
        ":method": "POST",
        ":path": WORKER_LINK_ATTACH.path,
        "content-type": "application/grpc",
        te: "trailers",
      });
      for (const each of [session, stream]) each.on("error", () => session.destroy());
      const message = (announced: number, body: Uint8Array) => {
        const head = Buffer.alloc(5);
        head.writeUInt32BE(announced, 1);
        return Buffer.concat([head, body]);
      };
      return {
        host: new GrpcTransport(await incoming, limit),
        peer: {
          sendGarbage: () => stream.write(message(5, Buffer.alloc(5, 0xff))),
          sendLongerThan: (bytes) => stream.write(message(bytes + 1, Buffer.alloc(bytes + 1))),
          sendHalfAndGo: () => stream.write(message(100, Buffer.alloc(50)), () => session.destroy()),
          dontRead: () => stream.pause(),
          read: () => stream.resume(),
          vanish: () => session.destroy(),
        },
      };
    },
    async close() {
      for (const client of clients) client.close();
      server.forceShutdown();
      rmSync(path, { force: true });
    },
  };
});
