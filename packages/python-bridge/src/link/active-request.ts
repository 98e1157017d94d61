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

/** Is notified when a request has become pointless. */
export interface RequestKeeper {
  readonly pool: string;
  readonly workerId: string;
  /** The call of the request was given up, or has ended. */
  callEnded(request: ActiveRequest): void;
}

/** A request of the worker, from its arrival to its answer. */
export class ActiveRequest implements WorkerRequest, DependentRequest {
  readonly id: number;
  readonly method: string;
  readonly payload: unknown;
  readonly pool: string;
  readonly workerId: string;
  readonly call: RequestingCall | undefined;
  readonly deadline: Deadline;
  /** Sends the chunks of a request for a stream; `undefined` for one that is answered with a value. */
  readonly stream: CreditedSender<EncodedValue> | undefined;
  readonly #keeper: RequestKeeper;
  readonly #activeCall: ActiveCall | undefined;
  /** Created when the signal is first read: many requests are answered before that could matter. */
  #abort: AbortController | undefined;
  #state: "open" | "answered" | "dropped" = "open";

  constructor(request: Request, payload: unknown, call: ActiveCall | undefined, keeper: RequestKeeper) {
    this.id = request.id;
    this.method = request.method;
    this.payload = payload;
    this.pool = keeper.pool;
    this.workerId = keeper.workerId;
    this.call = call === undefined ? undefined : requestingCall(call, keeper.pool);
    const own = request.remainingMs > 0 ? deadlineIn(request.remainingMs) : Number.POSITIVE_INFINITY;
    this.deadline = call === undefined ? own : Math.min(own, call.call.deadline);
    this.stream = request.streaming ? new CreditedSender(request.credit) : undefined;
    this.#keeper = keeper;
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

  /** It has its answer, or no one waits for that any more. Called once. */
  end(how: "answered" | "dropped"): void {
    this.#state = how;
    this.#activeCall?.removeRequest(this);
    if (how === "answered") return;
    this.stream?.stop();
    this.#abort?.abort();
  }

  /** See {@link DependentRequest}. */
  drop(): void {
    this.#keeper.callEnded(this);
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
