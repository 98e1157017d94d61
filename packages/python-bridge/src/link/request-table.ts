import type { Frame, Reply, Request } from "@snakepit/bridge-proto";
import { failureOfError } from "@snakepit/bridge-proto";
import {
  type CreditedSender,
  type EncodedValue,
  type HostRequests,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import type { FrameTransport } from "../transports/frame-transport.ts";
import type { ActiveCall } from "./active-call.ts";
import { ActiveRequest, type RequestKeeper } from "./active-request.ts";
import { protocolViolation } from "./protocol-violation.ts";
import { payloadOfValue, valueOfPayload } from "./wire-payload.ts";

/** Requests of one worker that may be waiting for their answers. */
export const MAX_REQUESTS = 1_024;

/** What a {@link RequestTable} is made of. */
export interface RequestTableOptions {
  readonly pool: string;
  readonly workerId: string;
  readonly requests: HostRequests;
  readonly transport: FrameTransport;
  /** The largest value that the worker takes, in bytes. */
  readonly maxPayloadBytes: number;
}

/**
 * The requests of one worker that are not answered yet. Each gets one answer, unless the worker itself gives it up or is
 * gone.
 */
export class RequestTable implements RequestKeeper {
  readonly pool: string;
  readonly workerId: string;
  readonly #options: RequestTableOptions;
  readonly #active = new Map<number, ActiveRequest>();

  constructor(options: RequestTableOptions) {
    this.pool = options.pool;
    this.workerId = options.workerId;
    this.#options = options;
  }

  /** Requests that are not answered. */
  get size(): number {
    return this.#active.size;
  }

  /**
   * Begins to answer a request.
   *
   * @param call the call on whose behalf it is made; `undefined` when that has ended, or the frame names none.
   * @throws SnakepitError `PROTOCOL_MISMATCH` when its id is in use.
   */
  open(frame: Request, buffers: readonly Uint8Array[], call: ActiveCall | undefined): void {
    const { id, method } = frame;
    if (id === 0 || this.#active.has(id)) {
      throw protocolViolation(this, `the request "${method}" with the id ${id}, which is ${id ? "in use" : "none"}`);
    }
    const refusal = this.#refusal(frame, call);
    if (refusal !== undefined) {
      this.#sendFailure(id, refusal);
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

  /** The worker does not wait for this one any more. One that is not there has been answered meanwhile. */
  cancel(id: number): void {
    const request = this.#active.get(id);
    if (request !== undefined) this.#end(request, "dropped");
  }

  /** The worker has room for so many chunks more. */
  grant(id: number, chunks: number): void {
    this.#active.get(id)?.stream?.grant(chunks);
  }

  /** See {@link RequestKeeper}. */
  callEnded(request: ActiveRequest): void {
    if (this.#end(request, "dropped")) this.#sendFailure(request.id, inVain(request.method));
  }

  /** The worker is gone, and waits for nothing. */
  dropAll(): void {
    for (const id of this.#active.keys()) this.cancel(id);
  }

  async #answer(request: ActiveRequest): Promise<void> {
    try {
      const value = await this.#options.requests.handle(request);
      this.#expectSmallEnough(request, value);
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
        this.#expectSmallEnough(request, value);
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

  /** Takes it out; `false` when that has been done before. */
  #end(request: ActiveRequest, how: "answered" | "dropped"): boolean {
    if (this.#active.get(request.id) !== request) return false;
    this.#active.delete(request.id);
    request.end(how);
    return true;
  }

  #refusal({ method, callId }: Request, call: ActiveCall | undefined): SnakepitError | undefined {
    // A thread or a task may outlive its call. What it asks is not for no call, which is a right of its own.
    if (callId !== 0 && call === undefined) return tooLate(method);
    if (call?.awaited === false) return inVain(method);
    if (this.#active.size < MAX_REQUESTS) return undefined;
    return new SnakepitError(
      "QUOTA_EXCEEDED",
      `${MAX_REQUESTS} requests of worker "${this.workerId}" wait for their answers, so "${method}" is refused; make fewer at a time`,
      { pool: this.pool, workerId: this.workerId, details: { limit: MAX_REQUESTS } },
    );
  }

  /** A worker ends its connection when it gets more than it takes. */
  #expectSmallEnough({ method }: ActiveRequest, { byteLength }: EncodedValue): void {
    const { maxPayloadBytes } = this.#options;
    if (byteLength <= maxPayloadBytes) return;
    throw new SnakepitError(
      "PAYLOAD_TOO_LARGE",
      `the answer to "${method}" has ${byteLength} bytes where ${maxPayloadBytes} are allowed; send less at a time or raise maxPayloadBytes`,
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

function tooLate(method: string): SnakepitError {
  return new SnakepitError(
    "CANCELLED",
    `"${method}" was asked for a call that has ended; ask while it runs, and wait in the tool for threads and tasks that ask`,
  );
}

function inVain(method: string): SnakepitError {
  return new SnakepitError("CANCELLED", `"${method}" was requested for a call that was given up or has ended`);
}
