import type { Request } from "@snakepit/bridge-proto";
import {
  CreditedSender,
  type Deadline,
  deadlineIn,
  type EncodedValue,
  type RequestingCall,
  type WorkerRequest,
} from "@snakepit/core";
import type { ActiveCall, DependentRequest } from "./active-call.ts";
import { contextIn } from "./trace-location.ts";

/** The worker of a request. Is notified when the answer is no longer needed. */
export interface RequestOwner {
  readonly pool: string;
  readonly workerId: string;
  /** The call of the request was cancelled or has ended. */
  callEnded(request: ActiveRequest): void;
}

/** A request of a worker, from its arrival to its answer. */
export class ActiveRequest implements WorkerRequest, DependentRequest {
  readonly id: number;
  readonly method: string;
  readonly payload: unknown;
  readonly pool: string;
  readonly workerId: string;
  readonly call: RequestingCall | undefined;
  readonly traceparent: string | undefined;
  readonly deadline: Deadline;
  /** Sends the chunks of a streaming request; `undefined` for a request that is answered with a value. */
  readonly stream: CreditedSender<EncodedValue> | undefined;
  readonly #owner: RequestOwner;
  readonly #activeCall: ActiveCall | undefined;
  /** Created when the signal is first read; most requests never need it. */
  #abort: AbortController | undefined;
  #state: "open" | "answered" | "dropped" = "open";

  constructor(request: Request, payload: unknown, call: ActiveCall | undefined, owner: RequestOwner) {
    this.id = request.id;
    this.method = request.method;
    this.payload = payload;
    this.pool = owner.pool;
    this.workerId = owner.workerId;
    this.call = call === undefined ? undefined : requestingCall(call, owner.pool);
    this.traceparent = contextIn(call?.call, request.traceparent);
    const own = request.remainingMs > 0 ? deadlineIn(request.remainingMs) : Number.POSITIVE_INFINITY;
    this.deadline = call === undefined ? own : Math.min(own, call.call.deadline);
    this.stream = request.streaming ? new CreditedSender(request.credit) : undefined;
    this.#owner = owner;
    this.#activeCall = call;
    call?.addRequest(this);
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#state === "dropped") this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** Ends the request because it was answered, or because its answer is no longer needed. Called once. */
  end(how: "answered" | "dropped"): void {
    this.#state = how;
    this.#activeCall?.removeRequest(this);
    if (how === "answered") return;
    this.stream?.stop();
    this.#abort?.abort();
  }

  /** See {@link DependentRequest}. */
  drop(): void {
    this.#owner.callEnded(this);
  }
}

function requestingCall({ call }: ActiveCall, pool: string): RequestingCall {
  const { tool, correlationId, sessionId, sessionGeneration, traceparent, parent } = call;
  return {
    tool,
    correlationId,
    sessionId,
    sessionGeneration,
    traceparent,
    lineage: { correlationId, pool, tool, parent },
  };
}
