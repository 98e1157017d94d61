import type {
  CallObserver,
  CallOutcome,
  CancelReason,
  DispatchedCall,
  SnakepitError,
  WorkerCall,
} from "@snakepit/core";

/** The messages that a call in progress sends to its worker. */
export interface CallControl {
  sendCancel(id: number, why: CancelReason): void;
  sendCredit(id: number, chunks: number): void;
}

/** A request on behalf of a call: its answer is of no use once the call was given up or has ended. */
export interface DependentRequest {
  drop(): void;
}

export type ActiveCallState =
  | { readonly is: "running" }
  /** The caller gave it up; the worker has not answered yet. */
  | { readonly is: "cancelled" }
  /** It fails with this error when the worker is done with it, whatever the worker answers. */
  | { readonly is: "failing"; readonly error: SnakepitError }
  | { readonly is: "over" };

export type ActiveCallEvent =
  | { readonly is: "cancelled" }
  /** A chunk could not be read. */
  | { readonly is: "failed"; readonly error: SnakepitError }
  /** The outcome arrived, or the worker is gone. */
  | { readonly is: "settled" };

// One object each: a call allocates nothing for its states.
const RUNNING: ActiveCallState = { is: "running" };
const CANCELLED: ActiveCallState = { is: "cancelled" };
const OVER: ActiveCallState = { is: "over" };
const CANCEL: ActiveCallEvent = { is: "cancelled" };
const SETTLE: ActiveCallEvent = { is: "settled" };

/** The only function that changes the state of a call at a worker; the same object when the event does not apply. */
export function transition(state: ActiveCallState, event: ActiveCallEvent): ActiveCallState {
  if (state.is === "over") return state;
  switch (event.is) {
    case "cancelled":
      return state.is === "running" ? CANCELLED : state;
    case "failed":
      return state.is === "failing" ? state : { is: "failing", error: event.error };
    case "settled":
      return OVER;
    default:
      return event satisfies never;
  }
}

/** A call at a worker, from dispatch to outcome: one object, created for every call. */
export class ActiveCall implements DispatchedCall {
  readonly id: number;
  readonly call: WorkerCall;
  readonly #observer: CallObserver;
  readonly #control: CallControl;
  #state: ActiveCallState = RUNNING;
  /** Chunks that the worker may still send. */
  #credit: number;
  /** What the worker requests on behalf of this call; most calls request nothing. */
  #requests: Set<DependentRequest> | undefined;

  constructor(id: number, call: WorkerCall, observer: CallObserver, control: CallControl) {
    this.id = id;
    this.call = call;
    this.#credit = call.credit;
    this.#observer = observer;
    this.#control = control;
  }

  get correlationId(): string {
    return this.call.correlationId;
  }

  get streaming(): boolean {
    return this.call.streaming;
  }

  /** Whether a caller waits for its outcome. */
  get awaited(): boolean {
    return this.#state.is === "running";
  }

  cancel(why: CancelReason): void {
    if (this.#state.is === "over") return;
    this.#control.sendCancel(this.id, why);
    this.#apply(CANCEL);
    this.#dropRequests();
  }

  grant(credit: number): void {
    if (this.#state.is === "over") return;
    this.#credit += credit;
    this.#control.sendCredit(this.id, credit);
  }

  /** Returns whether the worker may send a chunk now; counts it. */
  takeCredit(): boolean {
    if (this.#credit <= 0) return false;
    this.#credit -= 1;
    return true;
  }

  chunk(value: unknown, byteLength: number): void {
    if (this.#state.is !== "failing") this.#observer.chunk(value, byteLength);
  }

  /** The call fails with this error, but not before the worker is done with it: until then its capacity is taken. */
  failWhenDone(error: SnakepitError): void {
    const before = this.#state;
    if (!this.#apply({ is: "failed", error })) return;
    if (before.is === "running") this.#control.sendCancel(this.id, "cancelled");
    this.#dropRequests();
  }

  settle(outcome: CallOutcome): void {
    const before = this.#state;
    if (!this.#apply(SETTLE)) return;
    this.#dropRequests();
    if (before.is !== "failing") this.#observer.settled(outcome);
    else this.#observer.settled({ is: outcome.is === "lost" ? "lost" : "failure", error: before.error });
  }

  /** Drops the request when the call is given up or ends. */
  addRequest(request: DependentRequest): void {
    this.#requests ??= new Set();
    this.#requests.add(request);
  }

  removeRequest(request: DependentRequest): void {
    this.#requests?.delete(request);
  }

  #apply(event: ActiveCallEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  #dropRequests(): void {
    if (this.#requests === undefined) return;
    // Each removes itself.
    for (const request of this.#requests) request.drop();
  }
}
