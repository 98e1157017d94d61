import type { Socket } from "node:net";
import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { type FrameReceiver, type FrameTransport, LINGER_MS, type TransportClosed } from "./frame-transport.ts";
import type { BatchDecoder } from "./incoming-batch.ts";
import { deliverBatch } from "./incoming-batch.ts";
import { encodeBatch, OutgoingBatch } from "./outgoing-batch.ts";
import { RecordReader, type RecordSink } from "./record-reader.ts";

/** Size of the big-endian length before each batch. */
const PREFIX_BYTES = 4;
const NOTHING = new Uint8Array(0);

/** Errors which mean only that the peer disconnected. */
const PEER_GONE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

/** Transfers frames over a socket: for each batch, its `uint32` big-endian length, the batch, its attachments. */
export class SocketTransport implements FrameTransport {
  readonly closed: Promise<TransportClosed>;
  readonly #socket: Socket;
  readonly #reader: RecordReader;
  readonly #outgoing: OutgoingBatch;
  #receiver: FrameReceiver | undefined;
  #prepare: (() => void) | undefined;
  /** Why the connection is ending; `undefined` while it is open. */
  #ending: TransportClosed | undefined;

  /** @param decodeFirst decodes batches until the peer is authenticated, see {@link limitRecords}. */
  constructor(socket: Socket, maxRecordBytes: number, decodeFirst?: BatchDecoder) {
    this.#socket = socket;
    ignoreFailedWrites(socket);
    const deliver: RecordSink = (frames, attachments) =>
      deliverBatch(frames, attachments, () => this.#currentReceiver());
    this.#reader = new RecordReader(maxRecordBytes, deliver, decodeFirst);
    this.#outgoing = new OutgoingBatch((frames, attachments) => this.#write(frames, attachments));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve(this.#ending ?? { is: "closed-by-peer", midRecord: this.#reader.midRecord }));
    });
    socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    // A peer that has closed its side does not read either.
    socket.on("end", () => socket.destroy());
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  get bytesSent(): number {
    return this.#socket.bytesWritten;
  }

  deliverTo(receiver: FrameReceiver): void {
    const first = this.#receiver === undefined;
    this.#receiver = receiver;
    if (first) this.#socket.on("data", (piece: Buffer) => this.#read(piece));
  }

  limitRecords(maxRecordBytes: number): void {
    this.#reader.trust(maxRecordBytes);
  }

  send(frame: Frame, buffers?: readonly Uint8Array[]): void {
    if (this.#ending === undefined) this.#outgoing.add(frame, buffers);
  }

  beforeWrite(prepare: () => void): void {
    this.#prepare = prepare;
  }

  drained(): Promise<void> {
    this.#outgoing.flush();
    // Node emits `drain` only above the high-water mark; the callback of an empty write runs after all other writes.
    return new Promise((resolve) => this.#socket.write(NOTHING, () => resolve()));
  }

  close(): Promise<TransportClosed> {
    if (this.#ending === undefined) {
      this.#outgoing.flush();
      this.#ending = { is: "closed-here" };
      const lingering = setTimeout(() => this.#socket.destroy(), LINGER_MS);
      this.#socket.once("close", () => clearTimeout(lingering));
      this.#socket.destroySoon();
    }
    return this.closed;
  }

  abort(error: SnakepitError): void {
    this.#ending ??= { is: "aborted", error };
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    if (this.#ending !== undefined) return;
    try {
      this.#reader.push(piece);
    } catch (thrown) {
      if (!(thrown instanceof SnakepitError)) throw thrown;
      this.abort(thrown);
    }
  }

  #currentReceiver(): FrameReceiver | undefined {
    return this.#ending === undefined ? this.#receiver : undefined;
  }

  #write(frames: readonly Frame[], attachments: readonly Uint8Array[]): void {
    this.#prepare?.();
    const batch = this.#encode(frames, attachments);
    if (batch === undefined) return;
    const socket = this.#socket;
    batch.writeUInt32BE(batch.byteLength - PREFIX_BYTES);
    if (attachments.length === 0) {
      socket.write(batch);
      return;
    }
    // A corked socket writes all of them with one system call.
    socket.cork();
    socket.write(batch);
    for (const attachment of attachments) socket.write(attachment);
    socket.uncork();
  }

  #encode(frames: readonly Frame[], attachments: readonly Uint8Array[]): Buffer | undefined {
    try {
      return encodeBatch(frames, attachments, PREFIX_BYTES);
    } catch (thrown) {
      this.abort(toSnakepitError(thrown, "INTERNAL", "encoding a frame failed"));
      return undefined;
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#ending ??= isPeerGone(error)
      ? { is: "closed-by-peer", midRecord: this.#reader.midRecord }
      : { is: "failed", error: toSnakepitError(error, "INTERNAL", "the connection failed") };
  }
}

type WriteCallback = (error?: Error | null) => void;

/**
 * Makes a socket ignore that its peer has gone while it writes: Node.js would destroy it at once, and drop what the
 * peer had sent before. Reading reports the end of the connection after that.
 */
function ignoreFailedWrites(socket: Socket): void {
  const { _write, _writev } = socket;
  const ignoring = (callback: WriteCallback): WriteCallback => {
    return (error) => callback(isPeerGone(error) ? null : error);
  };
  socket._write = (chunk, encoding, callback) => _write.call(socket, chunk, encoding, ignoring(callback));
  if (_writev) socket._writev = (chunks, callback) => _writev.call(socket, chunks, ignoring(callback));
}

function isPeerGone(error: NodeJS.ErrnoException | null | undefined): boolean {
  return PEER_GONE.has(error?.code ?? "");
}
