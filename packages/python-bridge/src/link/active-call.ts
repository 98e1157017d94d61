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

/** Something that is done for a call, and in vain when the call was given up or is over. */
export interface CallErrand {
  drop(): void;
}

/** A call at a worker, from dispatch to outcome: one object, made for every call. */
export class ActiveCall implements DispatchedCall {
  readonly id: number;
  readonly call: WorkerCall;
  readonly #observer: CallObserver;
  readonly #control: CallControl;
  #state: "running" | "given-up" | "over" = "running";
  /** Chunks that the worker may still send. */
  #credit: number;
  /** How the call will end whatever the worker says. */
  #doomed: SnakepitError | undefined;
  /** What the worker has asked for on behalf of this call; most calls ask for nothing. */
  #errands: Set<CallErrand> | undefined;

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

  /** Whether somebody waits for its outcome. */
  get wanted(): boolean {
    return this.#state === "running";
  }

  cancel(why: CancelReason): void {
    if (this.#state === "over") return;
    this.#control.sendCancel(this.id, why);
    this.#state = "given-up";
    this.#dropErrands();
  }

  grant(credit: number): void {
    if (this.#state === "over") return;
    this.#credit += credit;
    this.#control.sendCredit(this.id, credit);
  }

  /** Whether the worker may send a chunk now; counts it. */
  takeCredit(): boolean {
    if (this.#credit <= 0) return false;
    this.#credit -= 1;
    return true;
  }

  chunk(value: unknown, byteLength: number): void {
    if (this.#doomed === undefined) this.#observer.chunk(value, byteLength);
  }

  /**
   * The call fails with this error, but not before the worker is done with it: until then its capacity is taken.
   */
  doom(error: SnakepitError): void {
    if (this.#doomed !== undefined) return;
    this.#doomed = error;
    this.cancel("cancelled");
  }

  settle(outcome: CallOutcome): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#dropErrands();
    const error = this.#doomed;
    if (error === undefined) this.#observer.settled(outcome);
    else this.#observer.settled({ is: outcome.is === "lost" ? "lost" : "failure", error });
  }

  /** Drops the errand when the call is given up or over. */
  addErrand(errand: CallErrand): void {
    this.#errands ??= new Set();
    this.#errands.add(errand);
  }

  removeErrand(errand: CallErrand): void {
    this.#errands?.delete(errand);
  }

  #dropErrands(): void {
    if (this.#errands === undefined) return;
    // Each removes itself.
    for (const errand of this.#errands) errand.drop();
  }
}
