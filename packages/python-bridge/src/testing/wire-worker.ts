import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  type Call,
  CancelReason,
  type Chunk,
  decodeValue,
  encodeValue,
  type Failure,
  type Frame,
  type Hello,
  PayloadFormat,
  PROTOCOL_VERSION,
  type Request,
} from "@snakepit/bridge-proto";
import type { FrameTransport } from "../transports/frame-transport.ts";
import { payloadOf } from "../transports/incoming-batch.ts";
import { SocketTransport } from "../transports/socket-transport.ts";
import { type CollectedFrame, FrameCollector } from "./frames.ts";

const LIMIT_BYTES = 64 * 1024 * 1024;

/** The worker's side of a connection; the test decides which frames it sends. */
export class WireWorker {
  readonly transport: FrameTransport;
  readonly #received = new FrameCollector();

  constructor(transport: FrameTransport) {
    this.transport = transport;
    transport.deliverTo(this.#received);
  }

  /** Connects to a Unix socket. */
  static async connect(path: string): Promise<WireWorker> {
    const socket: Socket = connect(path);
    await once(socket, "connect");
    return new WireWorker(new SocketTransport(socket, LIMIT_BYTES));
  }

  /** Sends a Hello; fields that are not passed are valid. */
  hello(hello: Partial<Hello>): void {
    this.send({
      $case: "hello",
      value: {
        token: "",
        workerId: "w1",
        pid: 4711,
        startTime: "1234",
        protocol: PROTOCOL_VERSION,
        runtime: {
          language: "python",
          version: "3.12.1",
          implementation: "CPython",
          bridgeVersion: "0.1.0",
          freeThreaded: false,
        },
        capacity: 1,
        tools: [],
        failure: undefined,
        startPermits: "",
        unsentRecords: "",
        checkTool: "",
        sourceFiles: [],
        profile: "process",
        profileMetadata: {},
        ...hello,
      },
    });
  }

  send(kind: Frame["kind"], buffers?: readonly Uint8Array[]): void {
    this.transport.send({ kind }, buffers);
  }

  /** Answers a call with a value. */
  result(id: number, value: unknown): void {
    const { body, buffers } = encodeValue(value);
    const bufferLengths = buffers.map((buffer) => buffer.byteLength);
    this.send({ $case: "result", value: { id, value: payload(body, bufferLengths), executionUs: 0 } }, buffers);
  }

  /** Ends a streaming call. */
  end(id: number): void {
    this.send({ $case: "result", value: { id, value: undefined, executionUs: 0 } });
  }

  chunk(id: number, value: unknown): void {
    const { body, buffers } = encodeValue(value);
    const bufferLengths = buffers.map((buffer) => buffer.byteLength);
    const chunk: Chunk = { id, value: payload(body, bufferLengths) };
    this.send({ $case: "chunk", value: chunk }, buffers);
  }

  failure(id: number, failure: Partial<Failure>): void {
    const complete: Failure = {
      code: "INTERNAL",
      message: "",
      python: undefined,
      details: {},
      hostException: undefined,
      ...failure,
    };
    this.send({ $case: "callFailure", value: { id, failure: complete, executionUs: 0 } });
  }

  /** Sends a request; by default with ID 7 and without a call. */
  request(method: string, payload: unknown, request: Partial<Request> = {}): void {
    const { body, buffers } = encodeValue(payload);
    const bufferLengths = buffers.map((buffer) => buffer.byteLength);
    const frame: Request = {
      id: 7,
      method,
      payload: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths },
      callId: 0,
      remainingMs: 0,
      streaming: false,
      credit: 0,
      ...request,
    };
    this.send({ $case: "request", value: frame }, buffers);
  }

  /** Sends a streaming request. */
  requestStream(method: string, credit: number, request: Partial<Request> = {}): void {
    this.request(method, {}, { streaming: true, credit, ...request });
  }

  /** Grants credit for more chunks of a request. */
  grant(id: number, chunks: number): void {
    this.send({ $case: "credit", value: { id, chunks } });
  }

  /** Cancels a request. */
  cancel(id: number): void {
    this.send({ $case: "cancel", value: { id, reason: CancelReason.CANCELLED } });
  }

  /** The value of the `index`th frame from the host: a reply, or a chunk of one. */
  async replyValue(index: number): Promise<unknown> {
    const { frame, buffers } = await this.received(index);
    const payload = payloadOf(frame);
    if (payload === undefined) throw new Error(`frame ${index} is ${frame.kind?.$case} without a value`);
    return decodeValue(payload.body, buffers);
  }

  /** The failure in the `index`th frame from the host, which must be a reply. */
  async replyFailure(index: number): Promise<Failure> {
    const { outcome } = await this.receivedKind(index, "reply");
    if (outcome?.$case !== "failure") throw new Error(`frame ${index} is a reply with ${outcome?.$case}`);
    return outcome.value;
  }

  /** The `index`th frame from the host, once it has arrived. */
  async received(index: number): Promise<CollectedFrame> {
    return (await this.#received.atLeast(index + 1))[index]!;
  }

  /** The `index`th frame from the host, which must have the expected kind. */
  async receivedKind<Case extends NonNullable<Frame["kind"]>["$case"]>(
    index: number,
    expected: Case,
  ): Promise<Extract<NonNullable<Frame["kind"]>, { $case: Case }>["value"]> {
    const kind = (await this.received(index)).frame.kind;
    if (kind?.$case !== expected) throw new Error(`frame ${index} is ${kind?.$case} and not ${expected}`);
    return kind.value as never;
  }

  /** The call at `index` among the frames from the host. */
  call(index: number): Promise<Call> {
    return this.receivedKind(index, "call");
  }
}

function payload(body: Uint8Array, bufferLengths: number[]) {
  return { format: PayloadFormat.MESSAGEPACK, body, bufferLengths };
}
