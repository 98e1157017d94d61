import type { Frame } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";
import type { UnsentRecords } from "./unsent-records.ts";

/** Receives the frames of a transport. */
export interface FrameReceiver {
  /**
   * Receives the next frame, in the order in which frames were sent. The bodies of its payloads are valid only during
   * this call. `buffers` are those of the payloads, each in separate memory that is aligned for every kind of typed
   * array.
   *
   * @throws SnakepitError if the frame violates the protocol; the connection then ends as `aborted`.
   */
  frame(frame: Frame, buffers: readonly Uint8Array[]): void;
}

/**
 * A bidirectional connection for frames. Frames keep their order. All frames that are sent in one turn of the event
 * loop are one batch, which is written after the promise callbacks of that turn.
 */
export interface FrameTransport {
  /** Bytes that the operating system has not accepted yet; increases while the peer does not read. */
  readonly bufferedBytes: number;
  /** Bytes received so far. */
  readonly bytesReceived: number;
  /** Bytes sent so far, those still buffered included. */
  readonly bytesSent: number;
  /** Resolves after the connection has closed and all received frames were delivered; never rejects. */
  readonly closed: Promise<TransportClosed>;
  /**
   * Sets the receiver of all further frames. Nothing is read from the connection before the first call.
   */
  deliverTo(receiver: FrameReceiver): void;
  /**
   * Sets the limits for an authenticated peer: batches are decoded completely, and a record may have `maxRecordBytes`,
   * attachments included. A longer record ends the connection.
   */
  limitRecords(maxRecordBytes: number): void;
  /**
   * Queues a frame. `buffers` are those of the frame's payloads, in order. They are not copied and must not change
   * until they are sent. On a connection that is closed or closing, the frame is dropped.
   */
  send(frame: Frame, buffers?: readonly Uint8Array[]): void;
  /** Calls `prepare` before each batch is written, on transports that support calls sent ahead. */
  beforeWrite?(prepare: () => void): void;
  /**
   * Reads the records that a worker has not sent, on transports that support it: when the connection ends, and when
   * nothing has arrived for a while although more than one answer is awaited. The transport closes them.
   */
  readUnsent?(records: UnsentRecords, awaited: () => Awaited): void;
  /** Resolves when no bytes are buffered or the connection has closed. */
  drained(): Promise<void>;
  /**
   * Sends all queued frames and closes the connection, after at most {@link LINGER_MS} if the peer does not read. Can
   * be called repeatedly.
   */
  close(): Promise<TransportClosed>;
  /** Ends the connection immediately: no further frame is sent or delivered. */
  abort(error: SnakepitError): void;
}

/** What a worker has to send: it holds an answer only if more follows. */
export type Awaited = "nothing" | "one answer" | "more";

/** Why a connection ended. */
export type TransportClosed =
  /** This side called `close()`. */
  | { readonly is: "closed-here" }
  /** The peer closed the connection or ended. `midRecord`: in the middle of a record. */
  | { readonly is: "closed-by-peer"; readonly midRecord: boolean }
  /**
   * This side aborted the connection: the peer violated the protocol (`PROTOCOL_MISMATCH`, `PAYLOAD_TOO_LARGE`), or
   * `abort` was called with this error.
   */
  | { readonly is: "aborted"; readonly error: SnakepitError }
  /** The connection itself failed. */
  | { readonly is: "failed"; readonly error: SnakepitError };

/** Milliseconds that a closing connection waits for its peer to read the remaining bytes. */
export const LINGER_MS = 1_000;

/**
 * Bytes after which a sender starts a new batch, attachments included. Therefore no record is longer than the largest
 * payload plus {@link RECORD_MARGIN_BYTES}.
 */
export const BATCH_TARGET_BYTES = 256 * 1024;

/** Bytes of a record in addition to the largest payload: earlier frames of the batch, names, metadata. */
export const RECORD_MARGIN_BYTES = 1024 * 1024;

/** The maximum number of frames in a batch; even the smallest frames reach {@link BATCH_TARGET_BYTES} before. */
export const MAX_FRAMES_PER_BATCH = 131_072;

/** The maximum number of attachments in a batch. */
export const MAX_ATTACHMENTS_PER_BATCH = 1_048_576;

/** The maximum size of a record of an unauthenticated peer: a Hello with its list of tools. */
export const MAX_HELLO_BYTES = 4 * 1024 * 1024;

/** Returns the maximum size of a record for a maximum payload size, up to the 4 GiB of the length field. */
export function maxRecordBytes(maxPayloadBytes: number): number {
  return Math.min(maxPayloadBytes + RECORD_MARGIN_BYTES, 0xffff_ffff);
}
