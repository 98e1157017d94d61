import {
  type CallOutcome,
  type CancelReason,
  type Instrumentation,
  noInstrumentation,
  type SnakepitError,
  toSnakepitError,
  watchAbort,
} from "@snakepit/core";
import type { Call, CallOwner } from "../calls/call.ts";
import { cancelled, deadlineExceeded, notStarted, queueTimeout, saturated } from "../calls/call-errors.ts";
import { CallList } from "../calls/call-list.ts";
import { restated } from "../calls/restated.ts";
import type { PoolOptions } from "../pool-options.ts";
import { AvailableWorkers } from "./available-workers.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { ToolDirectory } from "./tool-directory.ts";

/** Says why a pool takes no calls. */
export type Refusal = (call: Call) => SnakepitError;

/**
 * Brings calls and workers together: admission, the queue, dispatch, deadlines, cancelling. It is told which workers
 * there are and knows nothing of how they come and go.
 *
 * A call is in one place at any time (the queue, the active calls of one worker, or nowhere), and each way out of a place
 * goes through {@link settle}, {@link giveUp} or {@link disown}; so each call ends once and no load can leak.
 */
export class Scheduler implements CallOwner {
  readonly pool: string;
  readonly tools = new ToolDirectory();
  requests = 0;
  /** Calls that workers answered, whatever the answer. */
  answered = 0;
  errors = 0;
  queueTimeouts = 0;
  saturated = 0;
  readonly #options: PoolOptions;
  /** `undefined` when nobody listens, so that a call does not even pay for the question. */
  readonly #instrumentation: Instrumentation | undefined;
  readonly #queue = new CallList();
  readonly #available = new AvailableWorkers();
  readonly #expiries = new ExpiryWheel();
  #refusal: Refusal | undefined = notStarted;
  /** Whether the last call that wanted to queue was refused. */
  #full = false;

  constructor(options: PoolOptions, instrumentation: Instrumentation) {
    this.pool = options.name;
    this.#options = options;
    this.#instrumentation = instrumentation === noInstrumentation ? undefined : instrumentation;
  }

  /** Calls waiting. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Workers that would take a call now. */
  get available(): number {
    return this.#available.size;
  }

  /**
   * Takes a call: it runs at once or waits in the queue.
   *
   * @throws SnakepitError when it is refused; the call is over then.
   */
  admit(call: Call): void {
    this.requests += 1;
    if (this.#instrumentation !== undefined) {
      call.trace = this.#instrumentation.startCall(call);
    }
    const now = performance.now();
    const objection = this.#objection(call, now);
    if (objection !== undefined) {
      call.state = "settled";
      this.errors += 1;
      call.trace?.ended(objection);
      throw objection;
    }
    if (call.signal !== undefined) {
      call.unwatch = watchAbort(call.signal, () => this.giveUp(call, "cancelled", cancelled(call)));
    }
    // Nobody overtakes the queue: while a call waits in it, no worker is available.
    const worker = this.#available.leastLoaded();
    if (worker === undefined) {
      this.#enqueue(call, now);
    } else {
      this.#expiries.add(call, call.runningUntil(now), now);
      this.#dispatch(call, worker);
      this.#available.update(worker);
    }
  }

  /** The caller wants no answer any more: it has `error`, or has left its stream when there is none. */
  giveUp(call: Call, why: CancelReason, error?: SnakepitError): void {
    switch (call.state) {
      case "queued":
        this.#queue.remove(call);
        this.#expiries.remove(call);
        call.state = "settled";
        break;
      case "running": {
        call.state = "abandoned";
        this.#expiries.remove(call);
        const now = performance.now();
        this.#expiries.add(call, now + this.#options.cancelGraceMs, now);
        call.dispatched?.cancel(why);
        break;
      }
      case "new":
      case "abandoned":
      case "settled":
        return;
      default:
        call.state satisfies never;
    }
    if (error === undefined) this.#succeed(call, undefined);
    else this.#fail(call, error, "at once");
  }

  settle(call: Call, outcome: CallOutcome): void {
    const { worker, state } = call;
    // The late word of a worker that its calls were taken from already.
    if (worker === undefined || state === "settled") return;
    call.state = "settled";
    worker.active.remove(call);
    this.#expiries.remove(call);
    if (state === "running") {
      if ("error" in outcome) this.#fail(call, outcome.error, "in order");
      else this.#succeed(call, outcome.is === "value" ? outcome.value : undefined);
    }
    if (outcome.is === "lost") {
      this.detach(worker);
      worker.watcher.lost(worker, outcome.error);
      return;
    }
    worker.answered += 1;
    this.answered += 1;
    if (!worker.accepting) {
      if (worker.load === 0) worker.watcher.drained(worker);
      return;
    }
    this.#takeFromQueue(worker);
  }

  expire(call: Call, now: number): void {
    switch (call.state) {
      case "queued":
        if (now >= call.deadline) {
          this.giveUp(call, "deadline", deadlineExceeded(call));
        } else {
          this.queueTimeouts += 1;
          const timeoutMs = call.queueTimeoutMs ?? this.#options.queueTimeoutMs;
          this.giveUp(
            call,
            "deadline",
            queueTimeout(call, timeoutMs, { workers: this.tools.workers, queued: this.queued }),
          );
        }
        return;
      case "running": {
        const error = call.overdue(now);
        if (error !== undefined) this.giveUp(call, "deadline", error);
        else this.#expiries.add(call, call.runningUntil(now), now);
        return;
      }
      case "abandoned":
        call.worker?.watcher.unresponsive(call.worker, call);
        return;
      case "new":
      case "settled":
        return;
      default:
        call.state satisfies never;
    }
  }

  /** A worker is ready for calls. */
  attach(worker: PoolWorker): void {
    const first = !this.tools.known;
    this.tools.add(worker.handle.tools);
    // Calls that came before any tool was known.
    if (first) this.#failQueued((call) => this.tools.objection(call));
    this.#takeFromQueue(worker);
  }

  /** A worker gets no further calls; those it has go on. */
  detach(worker: PoolWorker): void {
    if (!worker.accepting) return;
    worker.accepting = false;
    this.tools.remove(worker.handle.tools);
    this.#available.update(worker);
  }

  /** Takes its calls from a worker that will not answer them; their callers get what `errorOf` says. */
  disown(worker: PoolWorker, errorOf: Refusal): void {
    this.detach(worker);
    for (const call of worker.active) {
      const waiting = call.state === "running";
      call.state = "settled";
      worker.active.remove(call);
      this.#expiries.remove(call);
      if (waiting) this.#fail(call, errorOf(call), "in order");
    }
  }

  /** Takes calls from now on. */
  open(): void {
    this.#refusal = undefined;
  }

  /** Takes no calls from now on and ends those that wait. */
  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#failQueued(refusal);
  }

  /** Forgets every deadline; there must be no call left. */
  close(): void {
    this.#expiries.close();
  }

  #objection(call: Call, now: number): SnakepitError | undefined {
    if (this.#refusal !== undefined) return this.#refusal(call);
    if (call.signal?.aborted === true) return cancelled(call);
    if (now >= call.deadline) return deadlineExceeded(call);
    const objection = this.tools.objection(call);
    if (objection !== undefined) return objection;
    if (this.#available.size > 0 || this.#queue.length < this.#options.queueLimit) {
      this.#full = false;
      return undefined;
    }
    this.saturated += 1;
    if (!this.#full) this.#instrumentation?.emit("pool.saturated", { pool: this.pool, queued: this.queued });
    this.#full = true;
    return saturated(call, this.#options.queueLimit);
  }

  #enqueue(call: Call, now: number): void {
    call.state = "queued";
    this.#queue.push(call);
    const queueDeadline = now + (call.queueTimeoutMs ?? this.#options.queueTimeoutMs);
    this.#expiries.add(call, Math.min(queueDeadline, call.deadline), now);
  }

  /** Gives a worker that can take calls the ones that have waited longest. */
  #takeFromQueue(worker: PoolWorker): void {
    while (this.#queue.length > 0 && worker.load < worker.handle.capacity) {
      const call = this.#queue.first as Call;
      const now = performance.now();
      if (now >= call.deadline) {
        // Its timer is late. It must not run all the same.
        this.giveUp(call, "deadline", deadlineExceeded(call));
        continue;
      }
      this.#queue.remove(call);
      this.#dispatch(call, worker);
      // A call that gives one value keeps its place in the wheel: most end before, and the others are moved then.
      if (call.streaming) {
        this.#expiries.remove(call);
        this.#expiries.add(call, call.runningUntil(now), now);
      }
    }
    this.#available.update(worker);
  }

  #dispatch(call: Call, worker: PoolWorker): void {
    call.state = "running";
    call.worker = worker;
    worker.active.push(call);
    worker.requests += 1;
    call.trace?.dispatched(worker.handle.workerId);
    try {
      call.dispatched = worker.handle.dispatch(call, call);
    } catch (thrown) {
      // A launcher that breaks the port's promise not to throw must not cost the pool a place of its load.
      queueMicrotask(() => this.settle(call, { is: "failure", error: toSnakepitError(thrown) }));
    }
  }

  #succeed(call: Call, value: unknown): void {
    call.unwatch?.();
    call.trace?.ended();
    call.resolve(value);
  }

  #fail(call: Call, cause: SnakepitError, when: "at once" | "in order"): void {
    call.unwatch?.();
    this.errors += 1;
    const error =
      cause.callId === call.correlationId && cause.pool !== undefined
        ? cause
        : restated(cause, { pool: this.pool, workerId: call.worker?.handle.workerId, callId: call.correlationId });
    call.trace?.ended(error);
    call.reject(error, when);
  }

  #failQueued(errorOf: (call: Call) => SnakepitError | undefined): void {
    for (const call of this.#queue) {
      const error = errorOf(call);
      if (error !== undefined) this.giveUp(call, "cancelled", error);
    }
  }
}
