import {
  type CallOutcome,
  type CancelReason,
  type Instrumentation,
  noInstrumentation,
  type SnakepitError,
  showsPause,
  type WorkerExit,
  watchAbort,
} from "@snakepit/core";
import { type Call, type CallOwner, HealthCheckCall, type PoolWorker } from "../calls/call.ts";
import { cancelled, deadlineExceeded, explanation, locatedAt, queueTimeout, withOrigin } from "../calls/call-errors.ts";
import { type CallState, ENDED, GIVEN_UP, REJECTED } from "../calls/call-state.ts";
import type { PoolCall } from "../pool-call.ts";
import type { QueuedCall } from "../pool-occupancy.ts";
import type { Affinity, PoolOptions } from "../pool-options.ts";
import { Admission, type ErrorOfCall, type Rejection, ToolDirectory } from "./admission.ts";
import { Assignment } from "./assignment.ts";
import { CrashBarrier } from "./crash-barrier.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import type { ToolLimits } from "./tool-limits.ts";
import { queuedCall, type WaitingCalls } from "./waiting-calls.ts";
import type { SessionWorkers } from "./worker-choice.ts";

/**
 * Milliseconds to wait for the stack of an overdue call. A worker that reacts to the cancellation answers within a few
 * milliseconds.
 */
const LOCATE_MS = 150;

/**
 * Admits calls, hands them to the {@link Assignment}, and ends each once: by its answer, its deadline, its caller or
 * the end of its worker. Workers are attached and detached; the scheduler does not start or stop them.
 *
 * A call is in at most one list at any time, and leaves it only through {@link settle}, {@link giveUp} or
 * {@link disown}, so each call ends once and no load leaks.
 */
export class Scheduler implements CallOwner {
  readonly pool: string;
  readonly affinity: Affinity;
  readonly tools: ToolDirectory;
  readonly limits: ToolLimits;
  readonly admission: Admission;
  requests = 0;
  /** The number of calls that workers have answered, with a value or an error. */
  answered = 0;
  errors = 0;
  queueTimeouts = 0;
  readonly #options: PoolOptions;
  /** `undefined` without listeners, to avoid the cost per call. */
  readonly #instrumentation: Instrumentation | undefined;
  readonly #starved: () => void;
  readonly #expiries = new ExpiryWheel();
  readonly #barrier: CrashBarrier;
  readonly #assignment: Assignment;

  /** @param starved called when a call is queued while no worker is ready. */
  constructor(options: PoolOptions, instrumentation: Instrumentation, starved: () => void) {
    this.#starved = starved;
    this.pool = options.name;
    this.affinity = options.affinity;
    this.#options = options;
    this.tools = new ToolDirectory(options.tools);
    this.#instrumentation = instrumentation === noInstrumentation ? undefined : instrumentation;
    this.#barrier = new CrashBarrier(options, this.#instrumentation);
    this.admission = new Admission(options, this.tools, this.#barrier, this.#instrumentation);
    this.#assignment = new Assignment({
      owner: this,
      options,
      tools: this.tools,
      admission: this.admission,
      expiries: this.#expiries,
    });
    this.limits = this.#assignment.limits;
  }

  get waiting(): WaitingCalls {
    return this.#assignment.waiting;
  }

  get sessions(): SessionWorkers {
    return this.#assignment.sessions;
  }

  /** The number of workers that can take a call. */
  get available(): number {
    return this.#assignment.available;
  }

  /** The number of calls that wait for a worker. */
  get queued(): number {
    return this.#assignment.queued;
  }

  /** Describes every waiting call. */
  listQueued(): QueuedCall[] {
    return this.#assignment.allWaiting.map(queuedCall);
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
    const worker = this.#assignment.workerFor(call);
    const isBusy = worker === undefined || !this.#assignment.isFree(worker);
    const gate = this.limits.size === 0 ? undefined : this.limits.gateOf(call.tool);
    const isThrottled = gate?.isFull === true;
    const rejection =
      this.admission.whyRejected(call, now) ??
      (isBusy || isThrottled
        ? this.admission.whyNotQueued(call, isBusy ? worker : undefined, this.#assignment.occupied)
        : undefined);
    if (rejection !== undefined) {
      call.apply(REJECTED);
      this.errors += 1;
      call.trace?.ended(rejection);
      throw rejection;
    }
    if (call.signal !== undefined) {
      call.unwatch = watchAbort(call.signal, () => this.giveUp(call, "cancelled", cancelled(call)));
    }
    if (isThrottled) {
      this.#assignment.throttle(call, gate, now);
      return;
    }
    gate?.pass(call);
    // Preserves the order of arrival: while a call waits, no worker that may take it is available.
    if (!isBusy) {
      this.#assignment.start(call, worker, now);
      return;
    }
    this.#assignment.hold(call, worker, now);
    if (!this.tools.known) this.#starved();
  }

  /**
   * Runs a health check on a worker without calls. It occupies the worker like a call, but does not count as one.
   *
   * @throws SnakepitError as a rejection, like a call.
   */
  check(worker: PoolWorker, request: PoolCall): Promise<unknown> {
    return new Promise((settle) => {
      this.#assignment.start(new HealthCheckCall(this, request, settle), worker, performance.now());
      worker.requests -= 1;
    });
  }

  /** Ends a call before the worker answers. The caller receives `error`; without it, the caller has left its stream. */
  giveUp(call: Call, why: CancelReason, error?: SnakepitError): void {
    switch (call.state.is) {
      case "outside":
      case "throttled":
      case "queued":
        this.#assignment.remove(call);
        call.apply(GIVEN_UP);
        break;
      case "ahead":
        // Afterwards it is either queued or running.
        this.#assignment.recall(call);
        this.giveUp(call, why, error);
        return;
      case "running": {
        const { worker } = call;
        if (this.#assignment.recall(call)) {
          // It had not started.
          this.giveUp(call, why, error);
          if (worker !== undefined) this.#freed(worker);
          return;
        }
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
    const worker = call.holder ?? call.worker;
    // Ignores a late answer of a worker whose calls were disowned.
    if (worker === undefined || call.state.is === "settled") return;
    const isLost = outcome.is === "lost" || outcome.is === "not-started";
    // First, so that no call ahead of a dead worker counts as started.
    if (isLost) this.detach(worker);
    if (call.state.is === "ahead") this.#assignment.started(call);
    const { state } = call;
    if (outcome.is === "not-started" && state.is === "running" && !(call instanceof HealthCheckCall)) {
      this.#assignment.returnToQueue(call);
    } else {
      if (isLost) this.#ended(call, outcome.is === "lost" ? outcome.exit : undefined);
      else if (this.#barrier.size > 0 && state.is === "running") this.#barrier.answered(call);
      call.apply(ENDED);
      worker.unresponsive.delete(call);
      this.#assignment.end(call, worker);
      this.#answer(call, state, outcome);
    }
    if (isLost) {
      this.#assignment.distribute();
      worker.watcher.lost(worker, outcome.error);
      return;
    }
    // A failed call may have ended before its tool did anything.
    if (outcome.is !== "failure" && outcome.executionMs !== undefined) {
      this.tools.executed(call.tool, outcome.executionMs);
    }
    worker.answer(outcome.executionMs);
    this.answered += 1;
    this.#freed(worker);
  }

  expire(call: Call, now: number, lateMs: number): void {
    const { state } = call;
    switch (state.is) {
      case "ahead":
        // Afterwards it is either queued or running.
        this.#assignment.recall(call);
        this.expire(call, now, lateMs);
        return;
      case "outside":
      case "throttled":
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
      case "overdue":
        call.apply(GIVEN_UP);
        this.#expiries.add(call, now + Math.max(0, this.#options.cancelGraceMs - LOCATE_MS), now);
        this.#fail(call, state.error, "at once");
        return;
      case "abandoned":
        // The worker may not have run either, for example when the machine was suspended.
        if (showsPause(lateMs)) this.#expiries.add(call, now + this.#options.cancelGraceMs, now);
        else call.worker?.addUnresponsive(call);
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
    this.limits.apply(this.tools.settings);
    // Checks the calls that arrived before the tools were known.
    if (first) this.#failQueued((call) => this.tools.whyRejected(call));
    this.#assignment.takeWaiting(worker);
  }

  /**
   * Stops dispatching to a worker. Calls that wait for it or that it has not started now wait for any worker; its
   * active calls continue.
   */
  detach(worker: PoolWorker): void {
    if (!worker.accepting) return;
    worker.accepting = false;
    this.tools.remove(worker.handle.tools);
    this.#assignment.release(worker);
  }

  /**
   * Fails the active calls of a worker that will not answer them, with the error that `errorOf` returns.
   *
   * @param exit how the worker ended, if its calls may have caused it.
   */
  disown(worker: PoolWorker, errorOf: ErrorOfCall, exit?: WorkerExit): void {
    this.detach(worker);
    for (const call of worker.active) {
      const { state } = call;
      if (state.is === "running" && this.#assignment.recall(call)) continue;
      this.#ended(call, exit);
      call.apply(ENDED);
      this.#assignment.end(call, worker);
      if (state.is === "running") this.#fail(call, errorOf(call), "in order");
      else if (state.is === "overdue") this.#fail(call, state.error, "at once");
    }
    this.#assignment.distribute();
    this.sessions.endWorker(worker);
  }

  /** See {@link WorkerPool.endSession}. */
  endSession(sessionId: string, errorOf?: ErrorOfCall): void {
    if (errorOf !== undefined) this.#failQueued((call) => (call.sessionId === sessionId ? errorOf(call) : undefined));
    const workers = this.sessions.endSession(sessionId);
    for (const worker of workers) worker.handle.endSession(sessionId);
    // After all notifications: a call that is dispatched now starts the session again.
    for (const worker of workers) this.#assignment.releaseSession(worker, sessionId);
  }

  /** Stops accepting calls, and fails each queued call for which `rejection` returns an error. */
  rejectCalls(rejection: Rejection): void {
    this.admission.rejection = rejection;
    this.#failQueued(rejection);
  }

  /** Stops the timers; no call may be left. */
  close(): void {
    this.#assignment.close();
    this.#expiries.close();
  }

  /** Assigns waiting calls to a worker that has finished or returned a call, or reports that it has drained. */
  #freed(worker: PoolWorker): void {
    if (worker.accepting) this.#assignment.takeWaiting(worker);
    else worker.reportIfDrained();
  }

  /** Records how the worker of an active call ended; then, calls with the same arguments may be rejected. */
  #ended(call: Call, exit: WorkerExit | undefined): void {
    const now = performance.now();
    if (exit === undefined || !this.#barrier.crashed(call, exit, now)) return;
    this.#failQueued((each) => this.#barrier.whyRejected(each, now));
  }

  /** Settles the caller's promise, if the caller still waits. */
  #answer(call: Call, state: CallState, outcome: CallOutcome): void {
    if (state.is === "overdue") {
      this.#fail(call, locatedAt(state.error, outcome), "at once");
    } else if (state.is === "running") {
      if ("error" in outcome) this.#fail(call, explanation(call, outcome), "in order");
      else this.#succeed(call, outcome.is === "value" ? outcome.value : undefined);
    }
  }

  #succeed(call: Call, value: unknown): void {
    call.unwatch?.();
    call.trace?.ended();
    call.resolve(value);
  }

  #fail(call: Call, cause: SnakepitError, when: "at once" | "in order"): void {
    call.unwatch?.();
    if (!(call instanceof HealthCheckCall)) this.errors += 1;
    const error =
      cause.callId === call.correlationId && cause.pool !== undefined
        ? cause
        : withOrigin(cause, { pool: this.pool, workerId: call.worker?.handle.workerId, callId: call.correlationId });
    call.trace?.ended(error);
    call.reject(error, when);
  }

  #failQueued(errorOf: Rejection): void {
    // Iterates over a copy: each call that leaves may admit one of a batch.
    for (const call of this.#assignment.allWaiting) {
      const error = call.isWaiting ? errorOf(call) : undefined;
      // A call ahead that has started is not queued.
      if (error === undefined || (call.state.is === "ahead" && !this.#assignment.recall(call))) continue;
      this.giveUp(call, "cancelled", error);
    }
  }
}
