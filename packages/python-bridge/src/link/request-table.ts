import { type Frame, failureOfError, type Reply, type Request } from "@snakepit/bridge-proto";
import {
  type CreditedSender,
  describeValue,
  type EncodedValue,
  type HostRequests,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import type { FrameTransport } from "../transports/frame-transport.ts";
import type { ActiveCall } from "./active-call.ts";
import { payloadOfValue, valueOfPayload } from "./active-call.ts";
import { ActiveRequest, type RequestOwner } from "./active-request.ts";

/** The maximum number of unanswered requests of one worker. */
export const MAX_REQUESTS = 1_024;

/** The collaborators and settings of a {@link RequestTable}. */
export interface RequestTableOptions {
  readonly pool: string;
  readonly workerId: string;
  readonly requests: HostRequests;
  readonly transport: FrameTransport;
  /** The maximum size of a value that the worker accepts, in bytes. */
  readonly maxPayloadBytes: number;
}

/**
 * The unanswered requests of one worker. Each request receives one answer, unless the worker cancels it or has ended.
 */
export class RequestTable implements RequestOwner {
  readonly pool: string;
  readonly workerId: string;
  readonly #options: RequestTableOptions;
  readonly #active = new Map<number, ActiveRequest>();

  constructor(options: RequestTableOptions) {
    this.pool = options.pool;
    this.workerId = options.workerId;
    this.#options = options;
  }

  /** The number of unanswered requests. */
  get size(): number {
    return this.#active.size;
  }

  /**
   * Starts to handle a request.
   *
   * @param call the call that makes the request; `undefined` if that call has ended or the frame has no call ID.
   * @throws SnakepitError `PROTOCOL_MISMATCH` if the request ID is zero or in use.
   */
  open(frame: Request, buffers: readonly Uint8Array[], call: ActiveCall | undefined): void {
    const { id, method } = frame;
    if (id === 0 || this.#active.has(id)) {
      const problem = `which is ${id ? "in use" : "invalid"}`;
      throw protocolViolation(this, `the request ${describeValue(method)} with ID ${id}, ${problem}`);
    }
    const rejection = this.#rejection(frame, call);
    if (rejection !== undefined) {
      this.#sendFailure(id, rejection);
      return;
    }
    let payload: unknown;
    try {
      payload = frame.payload === undefined ? undefined : valueOfPayload(frame.payload, buffers);
    } catch (thrown) {
      this.#sendFailure(id, toSnakepitError(thrown, "SERIALIZATION", `the payload of the request "${method}"`));
      return;
    }
    const request = new ActiveRequest(frame, payload, call, this);
    this.#active.set(id, request);
    void (request.stream === undefined ? this.#answer(request) : this.#stream(request, request.stream));
  }

  /** Cancels a request for the worker. Does nothing if the request was already answered. */
  cancel(id: number): void {
    const request = this.#active.get(id);
    if (request !== undefined) this.#end(request, "dropped");
  }

  /** Grants credit for more chunks. */
  grant(id: number, chunks: number): void {
    this.#active.get(id)?.stream?.grant(chunks);
  }

  /** See {@link RequestOwner}. */
  callEnded(request: ActiveRequest): void {
    if (this.#end(request, "dropped")) this.#sendFailure(request.id, callCancelled(request.method));
  }

  /** Drops all requests because the worker has ended. */
  dropAll(): void {
    for (const id of this.#active.keys()) this.cancel(id);
  }

  async #answer(request: ActiveRequest): Promise<void> {
    try {
      const value = await this.#options.requests.handle(request);
      this.#checkSize(request, value);
      if (!this.#end(request, "answered")) return;
      this.#send(request.id, { $case: "value", value: payloadOfValue(value) }, value.buffers);
    } catch (thrown) {
      this.#fail(request, thrown);
    }
  }

  async #stream(request: ActiveRequest, sender: CreditedSender<EncodedValue>): Promise<void> {
    const { requests, transport } = this.#options;
    const { id } = request;
    try {
      const complete = await sender.run(requests.stream(request), (value) => {
        this.#checkSize(request, value);
        transport.send({ kind: { $case: "replyChunk", value: { id, value: payloadOfValue(value) } } }, value.buffers);
      });
      if (complete && this.#end(request, "answered")) this.#send(id, { $case: "end", value: true });
    } catch (thrown) {
      this.#fail(request, thrown);
    }
  }

  #fail(request: ActiveRequest, thrown: unknown): void {
    if (!this.#end(request, "answered")) return;
    this.#sendFailure(request.id, toSnakepitError(thrown, "INTERNAL", `the request "${request.method}" failed`));
  }

  /** Removes a request; returns `false` if it was already removed. */
  #end(request: ActiveRequest, how: "answered" | "dropped"): boolean {
    if (this.#active.get(request.id) !== request) return false;
    this.#active.delete(request.id);
    request.end(how);
    return true;
  }

  #rejection({ method, callId }: Request, call: ActiveCall | undefined): SnakepitError | undefined {
    // A thread or task may outlive its call. Its request must not get the permissions of a request without a call.
    if (callId !== 0 && call === undefined) return callHasEnded(method);
    if (call?.awaited === false) return callCancelled(method);
    if (this.#active.size < MAX_REQUESTS) return undefined;
    return new SnakepitError(
      "QUOTA_EXCEEDED",
      `worker "${this.workerId}" must have at most ${MAX_REQUESTS} unanswered requests, so "${method}" was rejected; make fewer requests concurrently`,
      { pool: this.pool, workerId: this.workerId, details: { limit: MAX_REQUESTS } },
    );
  }

  /** A worker closes its connection if it receives a value that is too large. */
  #checkSize({ method }: ActiveRequest, { byteLength }: EncodedValue): void {
    const { maxPayloadBytes } = this.#options;
    if (byteLength <= maxPayloadBytes) return;
    throw new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `the result of "${method}" must be at most ${maxPayloadBytes} bytes; got ${byteLength}; return smaller values or raise maxPayloadBytes`,
      { pool: this.pool, workerId: this.workerId, details: { bytes: byteLength, limit: maxPayloadBytes } },
    );
  }

  #sendFailure(id: number, error: SnakepitError): void {
    this.#send(id, { $case: "failure", value: failureOfError(error) });
  }

  #send(id: number, outcome: Reply["outcome"], buffers?: readonly Uint8Array[]): void {
    const frame: Frame = { kind: { $case: "reply", value: { id, outcome } } };
    this.#options.transport.send(frame, buffers);
  }
}

function callHasEnded(method: string): SnakepitError {
  return new SnakepitError(
    "CANCELLED",
    `"${method}" was requested for a call that has ended; wait in the tool for all threads and tasks that make requests`,
  );
}

function callCancelled(method: string): SnakepitError {
  return new SnakepitError("CANCELLED", `"${method}" was requested for a call that was cancelled or has ended`);
}

/** Returns the error for a worker that violated the protocol; its link ends. */
export function protocolViolation(worker: { pool: string; workerId: string }, what: string): SnakepitError {
  const { pool, workerId } = worker;
  return new SnakepitError("PROTOCOL_MISMATCH", `worker "${workerId}" sent ${what}`, { pool, workerId });
}
