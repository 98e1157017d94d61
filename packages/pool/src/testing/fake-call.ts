import type {
  CallObserver,
  CallOutcome,
  CancelReason,
  DispatchedCall,
  SnakepitError,
  WorkerCall,
  WorkerExit,
} from "@snakepit/core";

/** A call that a {@link FakeWorker} holds until the test ends it. */
export class FakeCall implements DispatchedCall {
  readonly call: WorkerCall;
  /** Why it was cancelled; `undefined` while it is active. */
  cancelled: CancelReason | undefined;
  /** The number of chunks that it may still send. */
  credit: number;
  /** The granted credits, in order. */
  readonly grants: number[] = [];
  settled = false;
  /** Whether the worker executes it or has executed it; `false` while it can be recalled. */
  started: boolean;
  readonly sentAhead: boolean;
  readonly #observer: CallObserver;
  readonly #onSettled: (call: FakeCall) => void;
  readonly #onCancel: (call: FakeCall) => void;
  readonly #onGrant: (call: FakeCall) => void;
  readonly #onRecall: (call: FakeCall) => void;

  constructor(
    call: WorkerCall,
    observer: CallObserver,
    started: boolean,
    hooks: Readonly<Record<"onSettled" | "onCancel" | "onGrant" | "onRecall", (call: FakeCall) => void>>,
  ) {
    this.call = call;
    this.credit = call.credit;
    this.#observer = observer;
    this.#onSettled = hooks.onSettled;
    this.#onCancel = hooks.onCancel;
    this.#onGrant = hooks.onGrant;
    this.#onRecall = hooks.onRecall;
    this.started = started;
    this.sentAhead = !started;
  }

  get tool(): string {
    return this.call.tool;
  }

  /** @param executionMs the time that the worker reports. */
  value(value: unknown, executionMs?: number): void {
    this.#settle({ is: "value", value, executionMs });
  }

  end(): void {
    this.#settle({ is: "end" });
  }

  fail(error: SnakepitError): void {
    this.#settle({ is: "failure", error });
  }

  /** Fails the call because its worker died. */
  lose(error: SnakepitError, exit?: WorkerExit): void {
    this.#settle({ is: "lost", error, exit });
  }

  /** Ends the call because its worker died before it started it. */
  loseUnstarted(error: SnakepitError): void {
    this.#settle({ is: "not-started", error });
  }

  chunk(value: unknown, byteLength = 8): void {
    if (this.credit === 0) throw new Error(`a chunk of "${this.tool}" without credit`);
    this.credit -= 1;
    this.#observer.chunk(value, byteLength);
  }

  cancel(why: CancelReason): void {
    this.cancelled = why;
    this.#onCancel(this);
  }

  grant(credit: number): void {
    this.credit += credit;
    this.grants.push(credit);
    this.#onGrant(this);
  }

  recall(): boolean {
    if (this.started || this.settled) return false;
    this.settled = true;
    this.#onRecall(this);
    return true;
  }

  #settle(outcome: CallOutcome): void {
    if (this.settled) return;
    this.settled = true;
    this.#onSettled(this);
    this.#observer.settled(outcome);
  }
}
