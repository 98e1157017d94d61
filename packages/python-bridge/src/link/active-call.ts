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

/** A call at a worker, from dispatch to outcome: one object, made for every call. */
export class ActiveCall implements DispatchedCall {
  readonly id: number;
  readonly correlationId: string;
  readonly streaming: boolean;
  readonly #observer: CallObserver;
  readonly #control: CallControl;
  /** Chunks that the worker may still send. */
  #credit: number;
  #over = false;
  /** How the call will end whatever the worker says. */
  #doomed: SnakepitError | undefined;

  constructor(id: number, call: WorkerCall, observer: CallObserver, control: CallControl) {
    this.id = id;
    this.correlationId = call.correlationId;
    this.streaming = call.streaming;
    this.#credit = call.credit;
    this.#observer = observer;
    this.#control = control;
  }

  cancel(why: CancelReason): void {
    if (!this.#over) this.#control.sendCancel(this.id, why);
  }

  grant(credit: number): void {
    if (this.#over) return;
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
    if (this.#over) return;
    this.#over = true;
    const error = this.#doomed;
    if (error === undefined) this.#observer.settled(outcome);
    else this.#observer.settled({ is: outcome.is === "lost" ? "lost" : "failure", error });
  }
}
