import { once } from "node:events";
import { connect } from "node:net";
import { Client, type ClientDuplexStream, credentials } from "@grpc/grpc-js";
import { Frame, PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import { encodedBatch, type Transport } from "../inputs/record-inputs.ts";

/** A connection to a host in place of a worker. */
export interface FuzzWorker {
  /** Sends bytes: on the socket a part of the stream, over gRPC a message. */
  send(bytes: Buffer): void;
  /** Ends the sending side. */
  end(): void;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<unknown>;
}

const ATTACH = "/snakepit.bridge.v1.WorkerLink/Attach";

/** Connects to one endpoint. */
export class FuzzDialer {
  readonly #address: string;
  readonly #client: Client | undefined;

  /** @param address the path of the socket, or the gRPC target. */
  constructor(transport: Transport, address: string) {
    this.#address = address;
    this.#client = transport === "grpc" ? new Client(address, credentials.createInsecure()) : undefined;
  }

  async dial(): Promise<FuzzWorker> {
    return this.#client === undefined ? dialSocket(this.#address) : attach(this.#client);
  }

  /** Connects and speaks no gRPC, and no protocol of workers either. */
  dialRaw(): Promise<FuzzWorker> {
    return dialSocket(this.#address.replace(/^unix:/, ""));
  }

  close(): void {
    this.#client?.close();
  }
}

async function dialSocket(path: string): Promise<FuzzWorker> {
  const socket = connect(path);
  // The host may reset the connection while it is written to.
  socket.on("error", () => {}).resume();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  return { send: (bytes) => socket.write(bytes), end: () => socket.end(), closed };
}

function attach(client: Client): FuzzWorker {
  const asIs = (message: Buffer) => message;
  const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(ATTACH, asIs, asIs);
  stream.on("error", () => {}).on("data", () => {});
  const closed = new Promise((resolve) => stream.once("status", resolve));
  return { send: (bytes) => stream.write(bytes), end: () => stream.end(), closed };
}

/** Returns the record with the Hello of a worker. */
export function helloRecord(transport: Transport, workerId: string, token: string): Buffer {
  const hello = {
    token,
    workerId,
    pid: 4711,
    startTime: "1234",
    protocol: PROTOCOL_VERSION,
    runtime: undefined,
    capacity: 4,
    tools: [],
    failure: undefined,
    startPermits: "",
    unsentRecords: "",
    checkTool: "",
    sourceFiles: [],
    profile: "process",
    profileMetadata: {},
  };
  const frame = Frame.encode({ kind: { $case: "hello", value: hello } }).finish();
  return encodedBatch({ frames: [Buffer.from(frame)], attachments: [] }, transport);
}
