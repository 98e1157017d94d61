import type { ClientDuplexStream, ServerDuplexStream } from "@grpc/grpc-js";
import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { type FrameReceiver, type FrameTransport, LINGER_MS, type TransportClosed } from "./frame-transport.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "./grpc-message.ts";
import { type BatchDecoder, decodeBatch, deliverBatch } from "./incoming-batch.ts";
import { encodeBatch, OutgoingBatch } from "./outgoing-batch.ts";

/**
 * One stream of `WorkerLink.Attach` with encoded messages: the transport decodes them, rather than the gRPC library, to
 * distinguish a peer that sends invalid messages from one that disconnected.
 */
export type MessageStream = ServerDuplexStream<Buffer, Buffer> | ClientDuplexStream<Buffer, Buffer>;

const NO_ATTACHMENTS: readonly Uint8Array[] = [];

/** gRPC statuses of a connection whose peer disconnected: CANCELLED, UNAVAILABLE. */
const PEER_GONE: ReadonlySet<unknown> = new Set([1, 14]);

/** Transfers frames over a bidirectional gRPC stream, each batch as one message. */
export class GrpcTransport implements FrameTransport {
  readonly closed: Promise<TransportClosed>;
  readonly #stream: MessageStream;
  readonly #outgoing = new OutgoingBatch((frames, attachments) => this.#write(frames, attachments));
  #maxRecordBytes: number;
  #decode: BatchDecoder;
  #receiver: FrameReceiver | undefined;
  #ending: TransportClosed | undefined;
  #bufferedBytes = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  #whenDrained: (() => void)[] = [];

  /** @param decodeFirst decodes batches until the peer is authenticated, see {@link limitRecords}. */
  constructor(stream: MessageStream, maxRecordBytes: number, decodeFirst: BatchDecoder = decodeBatch) {
    this.#stream = stream;
    this.#decode = decodeFirst;
    this.#maxRecordBytes = maxRecordBytes;
    this.closed = new Promise((resolve) => {
      stream.once("close", () => {
        this.#bufferedBytes = 0;
        this.#releaseDrained();
        resolve(this.#ending ?? { is: "closed-by-peer", midRecord: false });
      });
    });
    stream.on("error", (error: Error & { code?: unknown }) => {
      this.#ending ??= PEER_GONE.has(error.code)
        ? { is: "closed-by-peer", midRecord: false }
        : { is: "failed", error: toSnakepitError(error, "INTERNAL", "the gRPC stream failed") };
    });
    stream.on("end", () => {
      this.#ending ??= { is: "closed-by-peer", midRecord: false };
      stream.end();
    });
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  deliverTo(receiver: FrameReceiver): void {
    const first = this.#receiver === undefined;
    this.#receiver = receiver;
    if (first) this.#stream.on("data", (message: Buffer) => this.#read(message));
  }

  limitRecords(maxRecordBytes: number): void {
    this.#maxRecordBytes = maxRecordBytes;
    this.#decode = decodeBatch;
  }

  send(frame: Frame, buffers?: readonly Uint8Array[]): void {
    if (this.#ending === undefined) this.#outgoing.add(frame, buffers);
  }

  drained(): Promise<void> {
    this.#outgoing.flush();
    if (this.#bufferedBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenDrained.push(resolve));
  }

  close(): Promise<TransportClosed> {
    if (this.#ending === undefined) {
      this.#outgoing.flush();
      this.#end({ is: "closed-here" });
      this.#stream.end();
    }
    return this.closed;
  }

  abort(error: SnakepitError): void {
    if (this.#ending !== undefined) return;
    this.#end({ is: "aborted", error });
    // In grpc-js, a handler ends a call with a status by emitting an error.
    this.#stream.emit("error", { code: error.grpcStatus, details: error.message });
  }

  #end(ending: TransportClosed): void {
    this.#ending = ending;
    const lingering = setTimeout(() => this.#stream.destroy(), LINGER_MS);
    this.#stream.once("close", () => clearTimeout(lingering));
  }

  #read(message: Buffer): void {
    if (this.#ending !== undefined) return;
    this.#bytesReceived += message.byteLength;
    try {
      this.#deliver(message);
    } catch (thrown) {
      if (!(thrown instanceof SnakepitError)) throw thrown;
      this.abort(thrown);
    }
  }

  #deliver(message: Buffer): void {
    if (message.byteLength > this.#maxRecordBytes) {
      throw new SnakepitError(
        "PAYLOAD_TOO_LARGE",
        `a message must be at most ${this.#maxRecordBytes} bytes; got ${message.byteLength}`,
        { details: { bytes: message.byteLength, limit: this.#maxRecordBytes } },
      );
    }
    const { frames, attachments } = decodeGrpcMessage(message, this.#decode);
    deliverBatch(frames, attachments, () => (this.#ending === undefined ? this.#receiver : undefined));
  }

  #write(frames: readonly Frame[], attachments: readonly Uint8Array[]): void {
    // Frames may be queued when the stream ends. Writing them would destroy the stream before its status is sent, and
    // the peer would never know that it has ended.
    if (this.#stream.writableEnded) return;
    const batch = this.#encode(frames);
    if (batch === undefined) return;
    const message = encodeGrpcMessage(batch, attachments);
    this.#bytesSent += message.byteLength;
    this.#bufferedBytes += message.byteLength;
    this.#stream.write(message, () => {
      this.#bufferedBytes -= message.byteLength;
      if (this.#bufferedBytes === 0) this.#releaseDrained();
    });
  }

  #encode(frames: readonly Frame[]): Buffer | undefined {
    try {
      // The message contains the attachments, so the batch does not need their lengths.
      return encodeBatch(frames, NO_ATTACHMENTS, 0);
    } catch (thrown) {
      this.abort(toSnakepitError(thrown, "INTERNAL", "encoding a frame failed"));
      return undefined;
    }
  }

  #releaseDrained(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const release of waiting) release();
  }
}
