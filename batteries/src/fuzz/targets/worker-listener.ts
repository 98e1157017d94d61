import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { Batch, type Frame } from "@snakepit/bridge-proto";
import type { Transport } from "../inputs/record-inputs.ts";

/** The host's end of the connection of a worker. */
export interface WorkerConnection {
  /** Sends bytes: on the socket a part of the stream, over gRPC a message. */
  send(bytes: Buffer): void;
  /** Ends the connection. */
  end(): void;
  /** Sets the receiver of the frames of the worker. */
  deliverTo(receive: (frame: Frame) => void): void;
}

/** Accepts the connections of workers in place of a host. */
export class WorkerListener implements AsyncDisposable {
  /** The address for workers. */
  readonly address: string;
  readonly #directory: string;
  readonly #waiting: ((connection: WorkerConnection) => void)[] = [];
  readonly #server: NetServer | Server;
  readonly #sockets = new Set<Socket>();

  static async open(transport: Transport): Promise<WorkerListener> {
    const directory = mkdtempSync(join(tmpdir(), "snakepit-fuzz-"));
    const listener = new WorkerListener(transport, directory);
    await listener.#listen(join(directory, "s"));
    return listener;
  }

  private constructor(transport: Transport, directory: string) {
    this.#directory = directory;
    const path = join(directory, "s");
    this.address = transport === "socket" ? path : `unix:${path}`;
    this.#server = transport === "socket" ? this.#socketServer() : this.#grpcServer();
  }

  /** Resolves with the connection of the next worker. */
  accept(): Promise<WorkerConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server instanceof Server) server.forceShutdown();
    else await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(this.#directory, { recursive: true });
  }

  async #listen(path: string): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      if (server instanceof Server) {
        server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
          error === null ? resolve() : reject(error),
        );
      } else server.listen(path, resolve);
    });
  }

  #socketServer(): NetServer {
    return createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
      this.#waiting.shift()?.({
        send: (bytes) => socket.write(bytes),
        end: () => socket.end(),
        deliverTo: (receive) => readRecords(socket, receive),
      });
    });
  }

  #grpcServer(): Server {
    const asIs = (message: Buffer) => message;
    const server = new Server();
    server.addService(
      {
        attach: {
          path: "/snakepit.bridge.v1.WorkerLink/Attach",
          requestStream: true,
          responseStream: true,
          requestDeserialize: asIs,
          requestSerialize: asIs,
          responseDeserialize: asIs,
          responseSerialize: asIs,
        },
      },
      {
        attach: (stream: ServerDuplexStream<Buffer, Buffer>) => {
          stream.on("error", () => {});
          this.#waiting.shift()?.({
            send: (bytes) => stream.write(bytes),
            end: () => stream.end(),
            deliverTo: (receive) =>
              stream.on("data", (message: Buffer) => {
                for (const frame of framesIn(message)) receive(frame);
              }),
          });
        },
      },
    );
    return server;
  }
}

/** Returns the frames of a message. A worker merges messages; the generated decoder would keep only the last batch. */
function framesIn(message: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < message.byteLength; ) {
    const isBatch = message[at] === BATCH;
    let length = 0;
    let shift = 0;
    do {
      at += 1;
      length += ((message[at] as number) & 0x7f) * 2 ** shift;
      shift += 7;
    } while ((message[at] as number) > 0x7f);
    const start = at + 1;
    at = start + length;
    if (isBatch) frames.push(...Batch.decode(message.subarray(start, at)).frames);
  }
  return frames;
}

/** The tag of the field `batch`; the only other field is that of the attachments. */
const BATCH = (1 << 3) | 2;
const LENGTH_BYTES = 4;

/** Delivers the frames of a well-behaved worker. Their attachments are skipped. */
function readRecords(socket: Socket, receive: (frame: Frame) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    bytes = bytes.byteLength === 0 ? piece : Buffer.concat([bytes, piece]);
    for (;;) {
      if (bytes.byteLength < LENGTH_BYTES) return;
      const end = LENGTH_BYTES + bytes.readUInt32BE();
      if (bytes.byteLength < end) return;
      const { frames, attachmentLengths } = Batch.decode(bytes.subarray(LENGTH_BYTES, end));
      const next = attachmentLengths.reduce((sum, length) => sum + length, end);
      if (bytes.byteLength < next) return;
      bytes = bytes.subarray(next);
      for (const frame of frames) receive(frame);
    }
  });
}
