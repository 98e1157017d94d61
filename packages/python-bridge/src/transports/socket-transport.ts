import { Socket, type SocketConstructorOpts } from "node:net";
import type { Frame } from "@snakepit/bridge-proto";
import { SnakepitError, toSnakepitError } from "@snakepit/core";
import {
  type Awaited,
  type FrameReceiver,
  type FrameTransport,
  LINGER_MS,
  type TransportClosed,
} from "./frame-transport.ts";
import type { BatchDecoder } from "./incoming-batch.ts";
import { deliverBatch } from "./incoming-batch.ts";
import { encodeBatch, OutgoingBatch } from "./outgoing-batch.ts";
import { RecordReader, type RecordSink } from "./record-reader.ts";
import type { UnsentRecords } from "./unsent-records.ts";

/** Size of the big-endian length before each batch. */
const PREFIX_BYTES = 4;

/** Milliseconds without bytes from the worker after which its unsent records are read. */
const FIRST_LOOK_MS = 2;
/** While nothing arrives, each wait is this many times as long as the one before. */
const LOOK_FACTOR = 4;
const LONGEST_SILENCE_MS = 1_000;

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
  /** The records that the worker has not sent, and what it has to send. */
  #unsent: { readonly records: UnsentRecords; readonly awaited: () => Awaited } | undefined;
  /** The number of bytes that have arrived on the socket. */
  #arrivedBytes = 0;
  /** The number of bytes that were delivered. Those from the file of unsent records arrive on the socket later. */
  #deliveredBytes = 0;
  #silence: NodeJS.Timeout | undefined;
  #isSilent = false;
  #silenceMs = FIRST_LOOK_MS;
  /** Why the connection is ending; `undefined` while it is open. */
  #ending: TransportClosed | undefined;

  /**
   * @param connection a connected socket; if a server has accepted it with `pauseOnConnect`, bytes are read into memory
   *   of their final destination.
   * @param decodeFirst decodes batches until the peer is authenticated, see {@link limitRecords}.
   */
  constructor(connection: Socket, maxRecordBytes: number, decodeFirst?: BatchDecoder) {
    const deliver: RecordSink = (frames, attachments) =>
      deliverBatch(frames, attachments, () => this.#currentReceiver());
    this.#reader = new RecordReader(maxRecordBytes, deliver, decodeFirst);
    const socket = receivingSocket(connection, {
      room: () => this.#reader.room(),
      arrived: (memory, count) => this.#read(memory, count),
    });
    this.#socket = socket;
    ignoreFailedWrites(socket);
    this.#outgoing = new OutgoingBatch((frames, attachments) => this.#write(frames, attachments));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#end(() => this.#closedByPeer());
        if (this.#ending !== undefined) resolve(this.#ending);
      });
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
    if (first) this.#socket.resume();
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

  readUnsent(records: UnsentRecords, awaited: () => Awaited): void {
    this.#unsent = { records, awaited };
  }

  drained(): Promise<void> {
    this.#outgoing.flush();
    // Node emits `drain` only above the high-water mark; the callback of an empty write runs after all other writes.
    return new Promise((resolve) => this.#socket.write(NOTHING, () => resolve()));
  }

  close(): Promise<TransportClosed> {
    if (this.#ending === undefined) {
      this.#outgoing.flush();
      this.#end(() => ({ is: "closed-here" }));
      const lingering = setTimeout(() => this.#socket.destroy(), LINGER_MS);
      this.#socket.once("close", () => clearTimeout(lingering));
      this.#socket.destroySoon();
    }
    return this.closed;
  }

  abort(error: SnakepitError): void {
    this.#ending ??= { is: "aborted", error };
    this.#closeUnsent();
    this.#socket.destroy();
  }

  /** Sets why the connection ends, after the last bytes were delivered; these may end it for another reason. */
  #end(why: () => TransportClosed): void {
    if (this.#ending === undefined) this.#deliverUnsent();
    this.#ending ??= why();
    this.#closeUnsent();
  }

  #closedByPeer(): TransportClosed {
    return { is: "closed-by-peer", midRecord: this.#reader.midRecord };
  }

  #read(memory: Uint8Array, count: number): void {
    const known = Math.min(count, this.#deliveredBytes - this.#arrivedBytes);
    this.#arrivedBytes += count;
    if (this.#unsent?.awaited() === "more") this.#beginSilence();
    if (known === 0) this.#deliver(memory, count);
    else if (known < count) this.#deliver(memory.subarray(known), count - known);
  }

  /**
   * Looks for unsent records when nothing arrives for a while. Called when something has arrived, and when more calls
   * are sent: a worker holds an answer only if it has sent something recently, and if a call waits.
   */
  #beginSilence(): void {
    this.#isSilent = true;
    if (this.#silence !== undefined && this.#silenceMs === FIRST_LOOK_MS) {
      this.#silence.refresh();
      return;
    }
    this.#silenceMs = FIRST_LOOK_MS;
    this.#continueSilence();
  }

  #continueSilence(): void {
    clearTimeout(this.#silence);
    const look = () => {
      this.#isSilent = this.#unsent?.awaited() === "more";
      if (!this.#isSilent) return;
      this.#deliverUnsent();
      if (this.#unsent === undefined) return;
      this.#silenceMs = Math.min(this.#silenceMs * LOOK_FACTOR, LONGEST_SILENCE_MS);
      this.#continueSilence();
    };
    // The connection keeps the process running, if anything should.
    this.#silence = setTimeout(look, this.#silenceMs).unref();
  }

  #deliverUnsent(): void {
    let bytes: Buffer | undefined;
    try {
      bytes = this.#unsent?.records.read(this.#deliveredBytes);
    } catch (thrown) {
      // Otherwise an answer might never arrive.
      this.abort(toSnakepitError(thrown, "INTERNAL", "reading what a worker has not sent failed"));
    }
    if (bytes !== undefined) this.#deliver(bytes, bytes.byteLength);
  }

  #closeUnsent(): void {
    clearTimeout(this.#silence);
    this.#isSilent = false;
    this.#unsent?.records.close();
    this.#unsent = undefined;
  }

  #deliver(memory: Uint8Array, count: number): void {
    if (this.#ending !== undefined) return;
    this.#deliveredBytes += count;
    try {
      this.#reader.arrived(memory, count);
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
    if (!this.#isSilent && this.#unsent?.awaited() === "more") this.#beginSilence();
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
    this.#end(() =>
      isPeerGone(error)
        ? this.#closedByPeer()
        : { is: "failed", error: toSnakepitError(error, "INTERNAL", "the connection failed") },
    );
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

/** Receives the bytes of a connection. */
interface ByteSink {
  /** Returns the memory for the next bytes; never empty. */
  room(): Uint8Array;
  /** The next bytes are at the start of this memory: that of {@link room}, or other memory. */
  arrived(memory: Uint8Array, count: number): void;
}

/** The part of the handle of a socket that its replacement uses. */
interface SocketHandle {
  useUserBuffer?: unknown;
}

/**
 * Returns the socket to use for a connection, paused: one that reads into memory of the sink if possible. Otherwise, it
 * is the same socket, and the sink receives pieces.
 *
 * Node.js reads 64 KiB at a time into memory that it allocates for each read. Only sockets that are created with the
 * option `onread` (https://nodejs.org/api/net.html#new-netsocketoptions) avoid that, and a server has no such option
 * (decision 35). So the connection of a socket that a server has accepted with `pauseOnConnect` moves to a new socket.
 * The move uses two properties that are not documented: `_handle` and the option `handle`. If a version of Node.js
 * lacks them, the socket is used as it is.
 */
function receivingSocket(accepted: Socket, sink: ByteSink): Socket {
  const handle = unreadHandle(accepted);
  if (handle === undefined) {
    accepted.pause();
    accepted.on("data", (piece: Buffer) => sink.arrived(piece, piece.byteLength));
    return accepted;
  }
  let room = sink.room();
  const options = {
    handle,
    onread: {
      // Called before the first byte, and after each callback.
      buffer: () => room,
      callback: (count: number) => {
        sink.arrived(room, count);
        room = sink.room();
        return true;
      },
    },
  };
  const socket = new Socket(options as unknown as SocketConstructorOpts);
  socket.pause();
  (accepted as unknown as { _handle: unknown })._handle = null;
  // The server counts its open connections by the sockets that it has accepted.
  socket.once("close", () => accepted.destroy());
  return socket;
}

/** Returns the handle of a socket that has not been read; `undefined` if it was, or if it cannot be moved. */
function unreadHandle(socket: Socket): SocketHandle | undefined {
  if (!socket.isPaused() || socket.bytesRead > 0 || socket.connecting || socket.destroyed) return undefined;
  const handle = (socket as unknown as { readonly _handle?: SocketHandle | null })._handle;
  return typeof handle?.useUserBuffer === "function" ? handle : undefined;
}
