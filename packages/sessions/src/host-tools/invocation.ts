import {
  type CallLineage,
  type Deadline,
  type HostToolTrace,
  remainingMs,
  type SnakepitError,
  startTimer,
  type Unsubscribe,
  watchAbort,
} from "@snakepit/core";
import { type EndingScope, inCallScope } from "./call-scope.ts";
import type { HostToolContext } from "./host-tool.ts";
import type { HostToolCall } from "./host-tool-call.ts";
import { cancelled, deadlineExceeded } from "./host-tool-errors.ts";
import type { HostToolRegistry } from "./host-tool-registry.ts";

type InvocationState =
  | { readonly is: "running" }
  /** The caller has received its answer. */
  | { readonly is: "answered" }
  /** The caller has stopped waiting; the tool may still run. */
  | { readonly is: "given up"; readonly error: SnakepitError };

const RUNNING: InvocationState = { is: "running" };
const ANSWERED: InvocationState = { is: "answered" };

/**
 * One execution of a host tool: its context, the scope of its nested calls, and the state that ends the wait of a
 * caller. Signals and timers are created on first use: a synchronous function needs none.
 */
export class Invocation implements HostToolContext, EndingScope {
  readonly host: HostToolRegistry;
  readonly #streaming: boolean;
  readonly #call: HostToolCall;
  readonly #waiting = new Set<(error: SnakepitError) => void>();
  #state: InvocationState = RUNNING;
  #controller: AbortController | undefined;
  #unwatch: Unsubscribe | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onGivenUp: (() => void) | undefined;
  #trace: HostToolTrace | undefined;

  /**
   * @param host the registry that contains the tool.
   * @param streaming whether the tool yields chunks.
   */
  constructor(call: HostToolCall, host: HostToolRegistry, streaming: boolean) {
    this.host = host;
    this.#call = call;
    this.#streaming = streaming;
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

  get traceparent(): string | undefined {
    return this.#trace?.traceparent ?? this.#call.traceparent;
  }

  get isAnswered(): boolean {
    return this.#state.is === "answered";
  }

  /**
   * Begins the tool, whose name is known.
   *
   * @throws SnakepitError as {@link check}.
   */
  begin(): void {
    const { tool, pool, workerId, correlationId, traceparent } = this.#call;
    const info = { tool, pool, workerId, correlationId, traceparent, streaming: this.#streaming };
    this.#trace = this.host.instrumentation?.startHostTool?.(info);
    this.check();
  }

  /** Runs a part of the tool; nested calls inherit from this invocation. */
  run<Result>(work: () => Result): Result {
    const trace = this.#trace;
    return inCallScope(this, trace === undefined ? work : () => trace.run(work));
  }

  /** Records how the tool has failed. Only the first end counts. */
  failed(error: SnakepitError): void {
    this.#endTrace(error);
  }

  /**
   * Throws if the caller has stopped waiting.
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
   * Waits for a promise of the tool until the caller stops waiting. A later result or error is ignored.
   *
   * @throws SnakepitError `CANCELLED`, `DEADLINE_EXCEEDED`, as a rejection; and the error of the promise.
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

  /** Calls `callback` once when the caller stops waiting; immediately if it already has. */
  onGivenUp(callback: () => void): void {
    if (this.#state.is === "given up") {
      callback();
    } else {
      this.#onGivenUp = callback;
      this.#watch();
    }
  }

  /** Records that the caller has received its answer. */
  answered(): void {
    this.#endTrace(undefined);
    if (this.#state.is !== "running") return;
    this.#state = ANSWERED;
    this.#stopWatching();
  }

  /** Records that the caller has stopped waiting. */
  giveUp(error: SnakepitError): void {
    if (this.#state.is !== "running") return;
    this.#state = { is: "given up", error };
    this.#endTrace(error);
    this.#stopWatching();
    this.#controller?.abort(error);
    this.#abandon(error);
    this.#onGivenUp?.();
  }

  #endTrace(error: SnakepitError | undefined): void {
    this.#trace?.ended(error);
    this.#trace = undefined;
  }

  /** Rejects the pending wait for the tool. */
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
    // A timer may fire slightly early; one of more than 24 days fires much too early.
    if (left > 0) this.#timer = startTimer(() => this.#awaitDeadline(), left);
    else this.giveUp(deadlineExceeded(this.tool));
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    clearTimeout(this.#timer);
  }
}
