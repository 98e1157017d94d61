import {
  type CallLineage,
  type Deadline,
  remainingMs,
  type SnakepitError,
  startTimer,
  type Unsubscribe,
  watchAbort,
} from "@snakepit/core";
import { type EndingScope, inCallScope } from "./call-scope.ts";
import type { HostToolContext } from "./host-tool.ts";
import { cancelled, deadlineExceeded } from "./host-tool-errors.ts";

/** A request to run a host tool. */
export interface HostToolCall {
  readonly tool: string;
  /** By name, decoded; absent without arguments. The tool may change them. */
  readonly args: unknown;
  readonly sessionId: string | undefined;
  /** See `CallScope`. */
  readonly sessionGeneration?: number | undefined;
  /** The pool of the requesting worker; absent for clients. */
  readonly pool?: string | undefined;
  /** The requesting worker; absent for clients. */
  readonly workerId?: string | undefined;
  /** Of the requesting call. */
  readonly correlationId: string;
  /** The requesting call, and the calls that wait for it; absent when no call is involved. */
  readonly lineage?: CallLineage | undefined;
  /** When the caller stops waiting. */
  readonly deadline: Deadline;
  /** Aborts when the caller has stopped waiting. */
  readonly signal: AbortSignal;
}

type InvocationState =
  | { readonly is: "running" }
  /** The caller has its answer. */
  | { readonly is: "answered" }
  /** The caller has stopped waiting; the tool may still run. */
  | { readonly is: "given up"; readonly error: SnakepitError };

const RUNNING: InvocationState = { is: "running" };
const ANSWERED: InvocationState = { is: "answered" };

/**
 * One run of a host tool: its context, the scope of the calls that it makes, and the end of the wait when the tool does not
 * end by itself. Signals and timers are created when they are needed: a function that answers at once needs none.
 */
export class Invocation implements HostToolContext, EndingScope {
  readonly host: object;
  readonly #call: HostToolCall;
  readonly #waiting = new Set<(error: SnakepitError) => void>();
  #state: InvocationState = RUNNING;
  #controller: AbortController | undefined;
  #unwatch: Unsubscribe | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onGivenUp: (() => void) | undefined;

  /** @param host the registry in which the tool is. */
  constructor(call: HostToolCall, host: object) {
    this.host = host;
    this.#call = call;
  }

  get tool(): string {
    return this.#call.tool;
  }

  get sessionId(): string | undefined {
    return this.#call.sessionId;
  }

  get sessionGeneration(): number | undefined {
    return this.#call.sessionGeneration;
  }

  get pool(): string | undefined {
    return this.#call.pool;
  }

  get workerId(): string | undefined {
    return this.#call.workerId;
  }

  get correlationId(): string {
    return this.#call.correlationId;
  }

  get lineage(): CallLineage | undefined {
    return this.#call.lineage;
  }

  get deadline(): Deadline {
    return this.#call.deadline;
  }

  get remainingMs(): number {
    return remainingMs(this.#call.deadline);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#state.is === "given up") this.#controller.abort(this.#state.error);
    }
    return this.#controller.signal;
  }

  get isAnswered(): boolean {
    return this.#state.is === "answered";
  }

  /** Runs a part of the tool; calls that it makes inherit from this invocation. */
  run<Result>(work: () => Result): Result {
    return inCallScope(this, work);
  }

  /**
   * Throws when no one waits for the answer.
   *
   * @throws SnakepitError `CANCELLED`, `DEADLINE_EXCEEDED`.
   */
  check(): void {
    if (this.#state.is === "running") {
      if (this.#call.signal.aborted) this.giveUp(cancelled(this.tool, this.#call.signal.reason));
      else if (performance.now() >= this.deadline) this.giveUp(deadlineExceeded(this.tool));
    }
    if (this.#state.is === "given up") throw this.#state.error;
  }

  /**
   * Waits for a promise of the tool, as long as the caller waits for the answer. A later result is ignored, also an error.
   *
   * @throws SnakepitError `CANCELLED`, `DEADLINE_EXCEEDED`, as a rejection; and what the promise rejects with.
   */
  waitFor<Value>(promised: PromiseLike<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      Promise.resolve(promised).then(
        (value) => {
          if (this.#waiting.delete(reject)) resolve(value);
        },
        (thrown: unknown) => {
          if (this.#waiting.delete(reject)) reject(thrown);
        },
      );
      if (this.#state.is === "given up") this.#abandon(this.#state.error);
      else this.#watch();
    });
  }

  /** Calls `callback` once: when the caller stops waiting, or at once when it has. */
  onGivenUp(callback: () => void): void {
    if (this.#state.is === "given up") {
      callback();
    } else {
      this.#onGivenUp = callback;
      this.#watch();
    }
  }

  /** Records that the caller has its answer. */
  answered(): void {
    if (this.#state.is !== "running") return;
    this.#state = ANSWERED;
    this.#stopWatching();
  }

  /** Records that the caller has stopped waiting. */
  giveUp(error: SnakepitError): void {
    if (this.#state.is !== "running") return;
    this.#state = { is: "given up", error };
    this.#stopWatching();
    this.#controller?.abort(error);
    this.#abandon(error);
    this.#onGivenUp?.();
  }

  /** Rejects what waits for the tool. */
  #abandon(error: SnakepitError): void {
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #watch(): void {
    if (this.#unwatch !== undefined || this.#state.is !== "running") return;
    const { signal, deadline } = this.#call;
    if (signal.aborted) {
      this.giveUp(cancelled(this.tool, signal.reason));
      return;
    }
    this.#unwatch = watchAbort(signal, () => this.giveUp(cancelled(this.tool, signal.reason)));
    if (deadline !== Number.POSITIVE_INFINITY) this.#awaitDeadline();
  }

  #awaitDeadline(): void {
    const left = this.remainingMs;
    // A timer may fire a little early, and one for longer than 24 days much too early.
    if (left > 0) this.#timer = startTimer(() => this.#awaitDeadline(), left);
    else this.giveUp(deadlineExceeded(this.tool));
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    clearTimeout(this.#timer);
  }
}
