import {
  type CallOutcome,
  type CancelReason,
  type Instrumentation,
  noInstrumentation,
  type SnakepitError,
  toSnakepitError,
  watchAbort,
} from "@snakepit/core";
import type { Call, CallOwner, PoolWorker } from "../calls/call.ts";
import {
  cancelled,
  deadlineExceeded,
  locatedAt,
  queueTimeout,
  sessionWorkerBusy,
  withOrigin,
} from "../calls/call-errors.ts";
import { DISPATCHED, ENDED, GIVEN_UP, REJECTED } from "../calls/call-state.ts";
import type { Affinity, PoolOptions } from "../pool-options.ts";
import { Admission, type ErrorOfCall, type Rejection, ToolDirectory } from "./admission.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import { WaitingCalls } from "./waiting-calls.ts";
import { AvailableWorkers, SessionWorkers } from "./worker-choice.ts";

/**
 * Milliseconds to wait for the stack of an overdue call. A worker that reacts to the cancellation answers within a few
 * milliseconds.
 */
const LOCATE_MS = 150;

/**
 * Assigns calls to workers: admission, queues, dispatch, deadlines, cancellation. Workers are attached and detached;
 * the scheduler does not start or stop them.
 *
 * A call is in at most one list at any time (a queue, or the active calls of a worker), and leaves it only through
 * {@link settle}, {@link giveUp} or {@link disown}, so each call ends once and no load leaks.
 */
export class Scheduler implements CallOwner {
  readonly pool: string;
  readonly affinity: Affinity;
  readonly tools = new ToolDirectory();
  readonly waiting = new WaitingCalls();
  readonly sessions: SessionWorkers;
  requests = 0;
  /** The number of calls that workers have answered, with a value or an error. */
  answered = 0;
  errors = 0;
  queueTimeouts = 0;
  readonly #options: PoolOptions;
  /** `undefined` without listeners, to avoid the cost per call. */
  readonly #instrumentation: Instrumentation | undefined;
  readonly #starved: () => void;
  readonly #available = new AvailableWorkers();
  readonly #expiries = new ExpiryWheel();
  readonly #admission: Admission;

  /** @param starved called when a call is queued while no worker is ready. */
  constructor(options: PoolOptions, instrumentation: Instrumentation, starved: () => void) {
    this.#starved = starved;
    this.pool = options.name;
    this.affinity = options.affinity;
    this.sessions = new SessionWorkers(this.#available);
    this.#options = options;
    this.#instrumentation = instrumentation === noInstrumentation ? undefined : instrumentation;
    this.#admission = new Admission(options, this.tools, this.#instrumentation);
  }

  /** The number of calls rejected because the queue was full. */
  get saturated(): number {
    return this.#admission.saturated;
  }

  /** The number of workers that can take a call. */
  get available(): number {
    return this.#available.size;
  }

  /**
   * Accepts a call, which is dispatched or queued.
   *
   * @throws SnakepitError if the call is rejected, which ends it.
   */
  admit(call: Call): void {
    this.requests += 1;
    if (this.#instrumentation !== undefined) {
      call.trace = this.#instrumentation.startCall(call);
    }
    const now = performance.now();
    const worker = this.sessions.workerFor(call, this.#available.leastLoaded());
    const waits = worker === undefined || !this.#available.has(worker);
    const rejection =
      this.#admission.whyRejected(call, now) ??
      (waits ? this.#admission.whyNotQueued(call, worker, this.waiting.length) : undefined);
    if (rejection !== undefined) {
      call.apply(REJECTED);
      this.errors += 1;
      call.trace?.ended(rejection);
      throw rejection;
    }
    if (call.signal !== undefined) {
      call.unwatch = watchAbort(call.signal, () => this.giveUp(call, "cancelled", cancelled(call)));
    }
    // Preserves the order of arrival: while a call waits, no worker that may take it is available.
    if (waits) {
      this.#enqueue(call, worker, now);
    } else {
      call.begin(now);
      this.#expiries.add(call, call.runningUntil(now), now);
      this.#dispatch(call, worker, now);
      this.#available.update(worker);
    }
  }

  /** Ends a call before the worker answers. The caller receives `error`; without it, the caller has left its stream. */
  giveUp(call: Call, why: CancelReason, error?: SnakepitError): void {
    switch (call.state.is) {
      case "outside":
      case "queued":
        this.waiting.remove(call);
        this.#expiries.remove(call);
        call.apply(GIVEN_UP);
        this.#admitOutside();
        break;
      case "running": {
        const { cancelGraceMs } = this.#options;
        const now = performance.now();
        this.#expiries.remove(call);
        if (why === "deadline" && error !== undefined) {
          call.apply({ is: "timed-out", error });
          this.#expiries.add(call, now + Math.min(LOCATE_MS, cancelGraceMs), now);
          call.dispatched?.cancel(why);
          return;
        }
        call.apply(GIVEN_UP);
        this.#expiries.add(call, now + cancelGraceMs, now);
        call.dispatched?.cancel(why);
        break;
      }
      case "overdue":
        // The call stays in the wheel: its worker has already been asked to cancel it.
        call.apply(GIVEN_UP);
        break;
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
    // Ignores a late answer of a worker whose calls were disowned.
    if (worker === undefined || !call.apply(ENDED)) return;
    worker.active.remove(call);
    this.#expiries.remove(call);
    if (state.is === "overdue") {
      this.#fail(call, locatedAt(state.error, outcome), "at once");
    } else if (state.is === "running") {
      if ("error" in outcome) this.#fail(call, explanation(call, outcome), "in order");
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
    this.#takeWaiting(worker);
  }

  expire(call: Call, now: number): void {
    const { state } = call;
    switch (state.is) {
      case "outside":
      case "queued":
        if (now >= call.deadline) {
          this.giveUp(call, "deadline", deadlineExceeded(call));
        } else {
          this.queueTimeouts += 1;
          const timeoutMs = call.queueTimeoutMs ?? this.#options.queueTimeoutMs;
          this.giveUp(
            call,
            "deadline",
            queueTimeout(call, timeoutMs, { workers: this.tools.workers, queued: this.waiting.length }),
          );
        }
        return;
      case "running": {
        const error = call.overdue(now);
        if (error !== undefined) this.giveUp(call, "deadline", error);
        else this.#expiries.add(call, call.runningUntil(now), now);
        return;
      }
      case "overdue":
        call.apply(GIVEN_UP);
        this.#expiries.add(call, now + Math.max(0, this.#options.cancelGraceMs - LOCATE_MS), now);
        this.#fail(call, state.error, "at once");
        return;
      case "abandoned":
        call.worker?.watcher.unresponsive(call.worker, call);
        return;
      case "new":
      case "settled":
        return;
      default:
        state satisfies never;
    }
  }

  /** Adds a ready worker. */
  attach(worker: PoolWorker): void {
    const first = !this.tools.known;
    this.tools.add(worker.handle.tools);
    // Checks the calls that arrived before the tools were known.
    if (first) this.#failQueued((call) => this.tools.whyRejected(call));
    this.#takeWaiting(worker);
  }

  /** Stops dispatching to a worker. Calls that wait for it now wait for any worker; its active calls continue. */
  detach(worker: PoolWorker): void {
    if (!worker.accepting) return;
    worker.accepting = false;
    this.tools.remove(worker.handle.tools);
    this.#available.update(worker);
    this.#release(worker);
  }

  /** Fails the active calls of a worker that will not answer them, with the error that `errorOf` returns. */
  disown(worker: PoolWorker, errorOf: ErrorOfCall): void {
    this.detach(worker);
    for (const call of worker.active) {
      const { state } = call;
      call.apply(ENDED);
      worker.active.remove(call);
      this.#expiries.remove(call);
      if (state.is === "running") this.#fail(call, errorOf(call), "in order");
      else if (state.is === "overdue") this.#fail(call, state.error, "at once");
    }
    this.sessions.endWorker(worker);
  }

  /** See {@link WorkerPool.endSession}. */
  endSession(sessionId: string, errorOf?: ErrorOfCall): void {
    if (errorOf !== undefined) this.#failQueued((call) => (call.sessionId === sessionId ? errorOf(call) : undefined));
    const workers = this.sessions.endSession(sessionId);
    for (const worker of workers) worker.handle.endSession(sessionId);
    // After all notifications: a call that is dispatched now starts the session again.
    for (const worker of workers) this.#release(worker, sessionId);
  }

  /** See {@link WorkerPool.reject}. */
  reject(correlationId: string, error: SnakepitError): boolean {
    const call = this.waiting.find(correlationId);
    if (call !== undefined) this.giveUp(call, "cancelled", error);
    return call !== undefined;
  }

  /** Starts to accept calls. */
  open(): void {
    this.#admission.rejection = undefined;
  }

  /** Stops accepting calls, and fails each queued call for which `rejection` returns an error. */
  rejectCalls(rejection: Rejection): void {
    this.#admission.rejection = rejection;
    this.#failQueued(rejection);
  }

  /** Stops the timer of deadlines; no call may be left. */
  close(): void {
    this.#expiries.close();
  }

  #enqueue(call: Call, worker: PoolWorker | undefined, now: number): void {
    const queueDeadline = now + (call.queueTimeoutMs ?? this.#options.queueTimeoutMs);
    this.#expiries.add(call, Math.min(queueDeadline, call.deadline), now);
    if (call.batch === undefined || this.#admission.hasRoomFor(call, this.waiting)) this.waiting.add(call, worker);
    else this.waiting.addOutside(call);
    if (!this.tools.known) this.#starved();
  }

  /** Moves calls of batches into the queue while there is room. */
  #admitOutside(): void {
    for (let call = this.waiting.firstOutside; call !== undefined; call = this.waiting.firstOutside) {
      if (!this.#admission.hasRoomFor(call, this.waiting)) return;
      const worker = this.sessions.workerFor(call, undefined);
      this.waiting.admit(call, worker !== undefined && !this.#available.has(worker) ? worker : undefined);
    }
  }

  /** Assigns the oldest queued calls to an available worker. */
  #takeWaiting(worker: PoolWorker): void {
    // Usually nothing waits.
    while (this.waiting.total > 0 && worker.load < worker.handle.capacity) {
      const call = this.waiting.firstFor(worker) ?? this.waiting.firstOutside;
      if (call === undefined) break;
      this.#assign(call, worker);
    }
    this.#available.update(worker);
  }

  /**
   * Moves the calls that wait for a worker, or those of one session, to the common queue, and dispatches what it can.
   */
  #release(worker: PoolWorker, sessionId?: string): void {
    this.waiting.release(worker, sessionId);
    for (let free = this.#available.leastLoaded(); free !== undefined; free = this.#available.leastLoaded()) {
      const call = this.waiting.first ?? this.waiting.firstOutside;
      if (call === undefined) return;
      this.#assign(call, free);
      this.#available.update(free);
    }
  }

  /** Assigns a queued call to a free worker, unless it is too late or its session is now bound to another worker. */
  #assign(call: Call, free: PoolWorker): void {
    const now = performance.now();
    if (now >= call.deadline) {
      // The timer is late, but the call must not run.
      this.giveUp(call, "deadline", deadlineExceeded(call));
      return;
    }
    const worker = call.waitsFor ?? this.sessions.workerFor(call, free);
    if (worker !== free && !this.#available.has(worker)) {
      // While the call waited for any worker, its session was bound to one, which is busy.
      if (call.affinity === "strict-fail") this.giveUp(call, "cancelled", sessionWorkerBusy(call, worker));
      else if (call.state.is === "outside") this.waiting.admit(call, worker);
      else this.waiting.bind(call, worker);
      return;
    }
    this.waiting.remove(call);
    call.begin(now);
    this.#dispatch(call, worker, now);
    if (worker !== free) this.#available.update(worker);
    this.#admitOutside();
    // A unary call stays in the wheel: most end before their entry is due, and the others are moved then.
    if (call.streaming || call.batch !== undefined) {
      this.#expiries.remove(call);
      this.#expiries.add(call, call.runningUntil(now), now);
    }
  }

  #dispatch(call: Call, worker: PoolWorker, now: number): void {
    call.apply(DISPATCHED);
    call.worker = worker;
    worker.active.push(call);
    worker.requests += 1;
    if (call.sessionId !== undefined) this.sessions.record(call.sessionId, worker, now);
    call.trace?.dispatched(worker.handle.workerId);
    try {
      call.dispatched = worker.handle.dispatch(call, call);
    } catch (thrown) {
      // A launcher that violates its port by throwing must not leak capacity.
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
        : withOrigin(cause, { pool: this.pool, workerId: call.worker?.handle.workerId, callId: call.correlationId });
    call.trace?.ended(error);
    call.reject(error, when);
  }

  #failQueued(errorOf: Rejection): void {
    // Iterates over a copy: each call that leaves may admit one of a batch.
    for (const call of [...this.waiting]) {
      const error = call.isWaiting ? errorOf(call) : undefined;
      if (error !== undefined) this.giveUp(call, "cancelled", error);
    }
  }
}

/**
 * Returns the error of a failed call. After its deadline this is `DEADLINE_EXCEEDED`: the failure of the tool, for
 * example of a nested call with the same deadline, is a consequence that arrived before the timer fired.
 */
function explanation(call: Call, outcome: CallOutcome & { readonly error: SnakepitError }): SnakepitError {
  return (outcome.is === "failure" ? call.overdue(performance.now()) : undefined) ?? outcome.error;
}
