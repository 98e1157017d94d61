import { type Call, decodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import {
  type CallObserver,
  type CallOutcome,
  type CancelReason,
  type Deadline,
  type DispatchedCall,
  type EncodedValue,
  type ExecutionMs,
  remainingMs,
  SnakepitError,
  type WorkerCall,
  type WorkerExit,
} from "@snakepit/core";

/** Sends the messages of an active call to its worker. */
export interface CallControl {
  sendCancel(id: number, why: CancelReason): void;
  sendCredit(id: number, chunks: number): void;
  /** Takes the permit to start a call from the worker; returns whether the worker had not started the call. */
  takePermit(id: number): boolean;
  /** Makes the worker drop a call whose permit was taken, and forgets it. */
  forget(id: number): void;
}

/** A request made by a call. Its answer is not needed after the call was cancelled or has ended. */
export interface DependentRequest {
  drop(): void;
}

export type ActiveCallState =
  | { readonly is: "running" }
  /** The caller cancelled the call; the worker has not answered yet. */
  | { readonly is: "cancelled" }
  /** The call fails with this error when the worker has finished it, regardless of the worker's answer. */
  | { readonly is: "failing"; readonly error: SnakepitError }
  /** The outcome has arrived, or the call was recalled. */
  | { readonly is: "ended" };

export type ActiveCallEvent =
  | { readonly is: "cancelled" }
  /** A chunk could not be decoded. */
  | { readonly is: "failed"; readonly error: SnakepitError }
  /** The outcome arrived, the worker has ended, or the call was recalled. */
  | { readonly is: "settled" };

// Shared constants: calls allocate nothing for their states.
const RUNNING: ActiveCallState = { is: "running" };
const CANCELLED: ActiveCallState = { is: "cancelled" };
const ENDED: ActiveCallState = { is: "ended" };
const CANCEL: ActiveCallEvent = { is: "cancelled" };
const SETTLE: ActiveCallEvent = { is: "settled" };

/** Returns the next state of a call at a worker, or the same object if the event does not apply. */
export function transition(state: ActiveCallState, event: ActiveCallEvent): ActiveCallState {
  if (state.is === "ended") return state;
  switch (event.is) {
    case "cancelled":
      return state.is === "running" ? CANCELLED : state;
    case "failed":
      return state.is === "failing" ? state : { is: "failing", error: event.error };
    case "settled":
      return ENDED;
    default:
      return event satisfies never;
  }
}

/** A call at a worker, from dispatch to outcome. */
export class ActiveCall implements DispatchedCall {
  readonly id: number;
  readonly call: WorkerCall;
  readonly #observer: CallObserver;
  readonly #control: CallControl;
  /** Whether the worker may still have to start the call. */
  #isAhead: boolean;
  #state: ActiveCallState = RUNNING;
  /** Chunks that the worker may still send. */
  #credit: number;
  /** Unanswered requests made by this call; created for the first one, since most calls make none. */
  #requests: Set<DependentRequest> | undefined;

  /** @param isAhead whether it was sent ahead of its start. */
  constructor(id: number, call: WorkerCall, observer: CallObserver, control: CallControl, isAhead = false) {
    this.id = id;
    this.#isAhead = isAhead;
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

  /** Whether a caller waits for the outcome. */
  get awaited(): boolean {
    return this.#state.is === "running";
  }

  cancel(why: CancelReason): void {
    if (this.#state.is === "ended") return;
    this.#control.sendCancel(this.id, why);
    this.#apply(CANCEL);
    this.#dropRequests();
  }

  grant(credit: number): void {
    if (this.#state.is === "ended") return;
    this.#credit += credit;
    this.#control.sendCredit(this.id, credit);
  }

  recall(): boolean {
    if (!this.#isAhead || this.#state.is === "ended") return false;
    if (!this.#takePermit()) return false;
    this.#apply(SETTLE);
    this.#control.forget(this.id);
    return true;
  }

  /** Ends the call because its worker has ended. `exit`: how, if the worker had received the call by then. */
  lose(error: SnakepitError, exit?: WorkerExit): void {
    this.settle(this.#takePermit() ? { is: "not-started", error } : { is: "lost", error, exit });
  }

  /** Uses one credit; returns whether there was one. */
  takeCredit(): boolean {
    if (this.#credit <= 0) return false;
    this.#credit -= 1;
    return true;
  }

  chunk(value: unknown, byteLength: number): void {
    if (this.#state.is !== "failing") this.#observer.chunk(value, byteLength);
  }

  /** Fails the call when the worker has finished it: until then, the call uses capacity of the worker. */
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
    else if (outcome.is === "not-started") this.#observer.settled(outcome);
    else if (outcome.is === "lost") this.#observer.settled({ ...outcome, error: before.error });
    else this.#observer.settled({ is: "failure", error: before.error });
  }

  /** Adds a request that is dropped when the call is cancelled or ends. */
  addRequest(request: DependentRequest): void {
    this.#requests ??= new Set();
    this.#requests.add(request);
  }

  removeRequest(request: DependentRequest): void {
    this.#requests?.delete(request);
  }

  #takePermit(): boolean {
    const isTaken = this.#isAhead && this.#control.takePermit(this.id);
    // Whatever the answer is, it is final.
    this.#isAhead = false;
    return isTaken;
  }

  #apply(event: ActiveCallEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  #dropRequests(): void {
    if (this.#requests === undefined) return;
    // Each request removes itself.
    for (const request of this.#requests) request.drop();
  }
}

const MAX_ID = 0xffff_ffff;
const FEWEST_PLACES = 16;

/**
 * The active calls of a connection by ID, in an array whose index is the end of the ID: an ID whose place is taken is
 * not used. V8 replaces the table of a `Map` whose entries come and go again and again. Each discarded table refers to
 * the next one, so the calls of all of them survive until the next full garbage collection.
 */
export class CallTable {
  /** The number of active calls. */
  size = 0;
  /** The number of active streaming calls. */
  streams = 0;
  /** Its length is a power of two, and at least twice the number of calls. */
  #places: (ActiveCall | undefined)[] = new Array<ActiveCall | undefined>(FEWEST_PLACES).fill(undefined);
  #lastId = 0;

  /** Returns an ID for the next call, which must be added before the next ID is requested. */
  nextId(): number {
    if (this.size * 2 >= this.#places.length) this.#grow();
    // IDs wrap around after 2^32 calls.
    do this.#lastId = this.#lastId === MAX_ID ? 1 : this.#lastId + 1;
    while (this.#places[this.#placeOf(this.#lastId)] !== undefined);
    return this.#lastId;
  }

  /** Adds the call with the ID that was returned last. */
  set(id: number, call: ActiveCall): void {
    this.#places[this.#placeOf(id)] = call;
    this.size += 1;
    if (call.streaming) this.streams += 1;
  }

  get(id: number): ActiveCall | undefined {
    const call = this.#places[this.#placeOf(id)];
    return call?.id === id ? call : undefined;
  }

  delete(id: number): void {
    const call = this.get(id);
    if (call === undefined) return;
    this.#places[this.#placeOf(id)] = undefined;
    this.size -= 1;
    if (call.streaming) this.streams -= 1;
  }

  /** Returns the active calls, oldest first. */
  values(): ActiveCall[] {
    return this.#places.filter((call) => call !== undefined).sort((a, b) => a.id - b.id);
  }

  #placeOf(id: number): number {
    return id & (this.#places.length - 1);
  }

  /** Calls with different places in the smaller table have different places in the larger one, too. */
  #grow(): void {
    const calls = this.values();
    this.#places = new Array<ActiveCall | undefined>(this.#places.length * 2).fill(undefined);
    for (const call of calls) this.#places[this.#placeOf(call.id)] = call;
  }
}

const NO_METADATA: Record<string, string> = {};
const NO_LENGTHS: number[] = [];

/** Returns the Call message for a worker. */
export function wireCall(id: number, call: WorkerCall, ahead: boolean): Call {
  return {
    id,
    tool: call.tool,
    args: payloadOfValue(call.args),
    remainingMs: wireRemaining(call.deadline),
    correlationId: call.correlationId,
    sessionId: call.sessionId,
    traceparent: call.traceparent,
    streaming: call.streaming,
    credit: call.credit,
    metadata: call.metadata ?? NO_METADATA,
    ahead,
  };
}

/** Zero means no deadline on the wire, so a deadline that has passed becomes the smallest positive number. */
function wireRemaining(deadline: Deadline): number {
  return deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(remainingMs(deadline), Number.MIN_VALUE);
}

/** Returns the Payload message of a value. Its buffers are sent after the batch. */
export function payloadOfValue({ body, buffers }: EncodedValue): Payload {
  const bufferLengths = buffers.length === 0 ? NO_LENGTHS : buffers.map((buffer) => buffer.byteLength);
  return { format: PayloadFormat.MESSAGEPACK, body, bufferLengths };
}

/**
 * Decodes a value that a worker sent.
 *
 * @throws SnakepitError `SERIALIZATION` if it cannot be decoded.
 */
export function valueOfPayload(payload: Payload, buffers: readonly Uint8Array[]): unknown {
  if (payload.format !== PayloadFormat.MESSAGEPACK) {
    throw new SnakepitError(
      "SERIALIZATION",
      `the format of a worker's value must be MessagePack; got ${payload.format}`,
    );
  }
  return decodeValue(payload.body, buffers);
}

/** Zero is the absence of a measurement: a worker of an earlier version, or a call that was not executed. */
export function millisecondsOf(microseconds: number): ExecutionMs {
  return microseconds === 0 ? undefined : microseconds / 1000;
}
