import type { Frame } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";

/** Receives the frames of a transport. */
export interface FrameReceiver {
  /**
   * A frame arrived, in the order in which it was sent. `buffers` are those that belong to the frame's payloads, each
   * in memory of its own, aligned for every kind of typed array.
   *
   * @throws SnakepitError when the frame breaks the rules; the connection then ends as `aborted`.
   */
  frame(frame: Frame, buffers: readonly Uint8Array[]): void;
}

/**
 * One connection that carries frames both ways. Order is kept; frames that are sent in one turn of the event loop
 * travel as one batch, and a lone frame leaves as soon as the turn's promise callbacks have run.
 */
export interface FrameTransport {
  /** Bytes that were sent but not yet taken by the operating system; grows while the other side does not read. */
  readonly bufferedBytes: number;
  /** Bytes received so far. */
  readonly bytesReceived: number;
  /** Bytes sent so far, those still buffered included. */
  readonly bytesSent: number;
  /** Resolves when the connection is gone; never rejects. Frames that arrived before were delivered. */
  readonly closed: Promise<TransportClosed>;
  /**
   * Delivers the frames to this receiver from now on, in place of the previous one. Nothing is read from the connection
   * before the first call.
   */
  deliverTo(receiver: FrameReceiver): void;
  /**
   * The peer has shown who it is: from now on batches are decoded whole. The most bytes that one record, attachments
   * included, may have; a longer one ends the connection.
   */
  limitRecords(maxRecordBytes: number): void;
  /**
   * Queues a frame. `buffers` are those of the frame's payloads, in order; they are referenced and must not change
   * until they are sent. On a connection that is closed or closing the frame is dropped.
   */
  send(frame: Frame, buffers?: readonly Uint8Array[]): void;
  /** Resolves when nothing is buffered any more, or the connection is gone. */
  drained(): Promise<void>;
  /**
   * Sends what is queued and closes the connection; gives up on a peer that does not read within
   * {@link LINGER_MS}. May be called again.
   */
  close(): Promise<TransportClosed>;
  /** Ends the connection: nothing more is sent or delivered. */
  abort(error: SnakepitError): void;
}

/** Why a connection ended. */
export type TransportClosed =
  /** `close()` was called here. */
  | { readonly is: "closed-here" }
  /** The other side ended it, or died. `midRecord`: in the middle of a record. */
  | { readonly is: "closed-by-peer"; readonly midRecord: boolean }
  /**
   * It was given up here: the other side sent something that is not the protocol (`PROTOCOL_MISMATCH`,
   * `PAYLOAD_TOO_LARGE`), or whatever `abort` was called with.
   */
  | { readonly is: "aborted"; readonly error: SnakepitError }
  /** The connection itself failed. */
  | { readonly is: "failed"; readonly error: SnakepitError };

/** Milliseconds that a closing connection waits for its peer to take what is left. */
export const LINGER_MS = 1_000;
