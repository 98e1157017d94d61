import { type CancelReason, type SnakepitError, toSnakepitError } from "@snakepit/core";
import type { Call, CallOwner, PoolWorker, ToolGate } from "../calls/call.ts";
import { deadlineExceeded, sessionWorkerBusy } from "../calls/call-errors.ts";
import { DISPATCHED, SENT_AHEAD } from "../calls/call-state.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Admission, ToolDirectory } from "./admission.ts";
import { CallsAhead } from "./calls-ahead.ts";
import type { ExpiryWheel } from "./expiry-wheel.ts";
import { Prefetch } from "./prefetch.ts";
import { ToolLimits } from "./tool-limits.ts";
import { WaitingCalls } from "./waiting-calls.ts";
import { AvailableWorkers, SessionWorkers } from "./worker-choice.ts";

/** Ends the calls that cannot be assigned; implemented by the scheduler. */
export interface AssignmentOwner extends CallOwner {
  giveUp(call: Call, why: CancelReason, error: SnakepitError): void;
}

/** The collaborators of an {@link Assignment}. */
export interface AssignmentParts {
  readonly owner: AssignmentOwner;
  readonly options: PoolOptions;
  readonly tools: ToolDirectory;
  readonly admission: Admission;
  readonly expiries: ExpiryWheel;
}

/**
 * Assigns calls to workers. A call is in one place at a time: a queue, the calls ahead of a worker, or its active
 * calls. Each method leaves the lists, the loads and the availability of the workers consistent.
 */
export class Assignment {
  readonly waiting = new WaitingCalls();
  readonly limits: ToolLimits;
  readonly sessions: SessionWorkers;
  readonly #parts: AssignmentParts;
  readonly #prefetch: Prefetch;
  readonly #available: AvailableWorkers;
  readonly #ahead = new CallsAhead(() => this.#relieve());
  /** Whether calls have passed a gate while workers were free. They are assigned after the current change. */
  #hasPassed = false;

  constructor(parts: AssignmentParts) {
    this.#parts = parts;
    this.limits = new ToolLimits(this.waiting, parts.options.tools, {
      hasRoomFor: (call) => parts.admission.hasRoomFor(call, this.waiting, this.occupied),
      passed: () => this.#distributeSoon(),
    });
    this.#prefetch = new Prefetch(parts.options.prefetch);
    this.#available = new AvailableWorkers(this.#prefetch);
    this.sessions = new SessionWorkers(this.#available);
  }

  /** The number of workers that can take a call. */
  get available(): number {
    return this.#available.size;
  }

  /** The number of calls that wait in queues or at workers. */
  get queued(): number {
    return this.waiting.length + this.#ahead.length;
  }

  /**
   * The number of queued calls that count towards the limit of the queue: not the calls of batches that workers hold,
   * which must take no room from other callers.
   */
  get occupied(): number {
    return this.queued - this.#ahead.ofBatches;
  }

  /** Every call that waits: in queues, outside of them, or at a worker. */
  get allWaiting(): Call[] {
    return [...this.waiting, ...this.#ahead];
  }

  /** Whether a worker can take a call. */
  isFree(worker: PoolWorker): boolean {
    return this.#available.has(worker);
  }

  /** Returns the worker for a new call; `undefined` if all are busy. In the strict modes, the worker may be busy. */
  workerFor(call: Call): PoolWorker | undefined {
    return this.sessions.workerFor(call, this.#available.leastLoaded());
  }

  /** Assigns a new call to a free worker. */
  start(call: Call, worker: PoolWorker, now: number): void {
    call.begin(now);
    this.#parts.expiries.add(call, call.runningUntil(now), now);
    this.#dispatch(call, worker, now);
    this.#update(worker);
  }

  /** Lets a new call wait at the gate of its tool. */
  throttle(call: Call, gate: ToolGate, now: number): void {
    this.#parts.expiries.add(call, this.#waitsUntil(call, now), now);
    this.waiting.throttle(call, gate, now);
  }

  /** Queues a new call, or sends it ahead. */
  hold(call: Call, worker: PoolWorker | undefined, now: number): void {
    const { admission, expiries } = this.#parts;
    expiries.add(call, this.#waitsUntil(call, now), now);
    if (worker === undefined && this.#sendNewAhead(call, now)) return;
    if (call.batch === undefined || admission.hasRoomFor(call, this.waiting, this.occupied))
      this.waiting.add(call, worker, now);
    else this.waiting.addOutside(call, now);
  }

  /** Removes a call that waits in a queue, at a gate or outside, and ends. */
  remove(call: Call): void {
    this.waiting.remove(call);
    if (call.gate !== undefined) this.limits.leave(call, call.gate);
    this.#parts.expiries.remove(call);
    this.#admitOutside();
  }

  /** Removes an active call, which has ended. */
  end(call: Call, worker: PoolWorker): void {
    worker.active.remove(call);
    this.#parts.expiries.remove(call);
    subtractExpected(call, worker);
    this.#startAhead(worker);
    if (call.gate !== undefined) this.limits.leave(call, call.gate);
  }

  /**
   * Moves a call from a worker that has not started it back to its position in the queue. Returns whether it did; a
   * call ahead that has started is active from now on.
   */
  recall(call: Call): boolean {
    if (call.dispatched?.recall?.() === true) {
      this.returnToQueue(call);
      return true;
    }
    if (call.state.is === "ahead") this.started(call);
    return false;
  }

  /** Records that a worker has started a call ahead, although the answer to an earlier call has not arrived. */
  started(call: Call): void {
    const worker = this.#ahead.remove(call);
    this.#activate(call, worker, performance.now());
    this.#update(worker);
  }

  /** Moves a call that a worker will not start to its position in the queue. */
  returnToQueue(call: Call): void {
    const { expiries } = this.#parts;
    const now = performance.now();
    const worker = call.state.is === "ahead" ? this.#ahead.remove(call) : (call.worker as PoolWorker);
    if (call.worker !== undefined) {
      worker.active.remove(call);
      worker.requests -= 1;
    }
    subtractExpected(call, worker);
    call.returned();
    this.waiting.takeBack(call);
    expiries.remove(call);
    expiries.add(call, this.#waitsUntil(call, now), now);
    this.#startAhead(worker);
    this.#update(worker);
  }

  /** Assigns the oldest waiting calls to a worker, as far as it can take them. */
  takeWaiting(worker: PoolWorker): void {
    // Usually nothing waits.
    if (this.waiting.total > 0 || this.#ahead.length > 0) {
      if (this.#hasPassed) {
        // Another worker may be less loaded.
        this.#update(worker);
        this.distribute();
      }
      while (worker.load < worker.handle.capacity) {
        const now = performance.now();
        const call = this.#nextFor(worker, now);
        if (call === undefined) break;
        this.#assign(call, worker, now);
      }
      this.#fillAhead(worker);
    }
    this.#update(worker);
  }

  /** Recalls the calls ahead of a worker that accepts no calls. Any worker may take them and those that wait for it. */
  release(worker: PoolWorker): void {
    this.#update(worker);
    for (const call of [...worker.ahead]) this.recall(call);
    this.waiting.release(worker);
    this.distribute();
  }

  /** Lets any worker take the calls of a session that wait for a worker. */
  releaseSession(worker: PoolWorker, sessionId: string): void {
    this.waiting.release(worker, sessionId);
    this.distribute();
  }

  /** Assigns waiting calls to free workers. */
  distribute(): void {
    this.#hasPassed = false;
    for (let free = this.#available.leastLoaded(); free !== undefined; free = this.#available.leastLoaded()) {
      const call = this.waiting.first ?? this.waiting.firstOutside;
      if (call === undefined) return;
      this.#assign(call, free, performance.now());
      this.#update(free);
    }
  }

  /** Stops the timer. */
  close(): void {
    this.#ahead.close();
  }

  /** Assigns waiting calls to free workers after the current change, in the middle of which loads are inconsistent. */
  #distributeSoon(): void {
    if (this.#hasPassed || this.#available.size === 0) return;
    this.#hasPassed = true;
    queueMicrotask(() => {
      if (this.#hasPassed) this.distribute();
    });
  }

  #waitsUntil(call: Call, now: number): number {
    return Math.min(now + (call.queueTimeoutMs ?? this.#parts.options.queueTimeoutMs), call.deadline);
  }

  /** Moves calls of batches into the queue while there is room. */
  #admitOutside(): void {
    const { admission } = this.#parts;
    for (let call = this.waiting.firstOutside; call !== undefined; call = this.waiting.firstOutside) {
      if (!admission.hasRoomFor(call, this.waiting, this.occupied)) return;
      const worker = this.sessions.workerFor(call, undefined);
      this.waiting.admit(call, worker !== undefined && !this.#available.has(worker) ? worker : undefined);
    }
  }

  /** Returns the oldest call that a free worker may take, also one that another worker holds and does not start. */
  #nextFor(worker: PoolWorker, now: number): Call | undefined {
    for (;;) {
      const next = this.waiting.firstFor(worker) ?? this.waiting.firstOutside;
      // A less loaded worker gets it soon, see #relieve.
      const stalled = this.#isLeastLoaded(worker) ? this.#ahead.oldestStalled(now) : undefined;
      if (stalled === undefined || (next !== undefined && next.arrival !== 0 && next.arrival < stalled.arrival))
        return next;
      // A call that has started is active now, and another one may be stalled.
      if (this.recall(stalled)) return stalled;
    }
  }

  #isLeastLoaded(worker: PoolWorker): boolean {
    const least = this.#available.leastLoaded();
    return least === undefined || least.load >= worker.load;
  }

  /** Assigns a queued call to a free worker, unless it is too late or its session is now bound to another worker. */
  #assign(call: Call, free: PoolWorker, now: number): void {
    const { owner, expiries } = this.#parts;
    if (now >= call.deadline) {
      // The timer is late, but the call must not run.
      owner.giveUp(call, "deadline", deadlineExceeded(call));
      return;
    }
    const worker = call.waitsFor ?? this.sessions.workerFor(call, free);
    if (worker !== free && !this.#available.has(worker)) {
      // While the call waited for any worker, its session was bound to one, which is busy.
      if (call.affinity === "strict-fail") owner.giveUp(call, "cancelled", sessionWorkerBusy(call, worker));
      else if (call.state.is === "outside") this.waiting.admit(call, worker);
      else this.waiting.bind(call, worker);
      return;
    }
    this.waiting.remove(call);
    call.begin(now);
    this.#dispatch(call, worker, now);
    if (worker !== free) this.#update(worker);
    this.#admitOutside();
    // A unary call stays in the wheel: most end before their entry is due, and the others are moved then.
    if (call.streaming || call.batch !== undefined) {
      expiries.remove(call);
      expiries.add(call, call.runningUntil(now), now);
    }
  }

  #dispatch(call: Call, worker: PoolWorker, now: number): void {
    addExpected(call, worker, this.#parts.tools.expectedMs(call.tool));
    this.#activate(call, worker, now);
    try {
      call.dispatched = worker.handle.dispatch(call, call);
    } catch (thrown) {
      this.#failSoon(call, thrown);
    }
  }

  /** Records that a worker executes a call. */
  #activate(call: Call, worker: PoolWorker, now: number): void {
    call.apply(DISPATCHED);
    call.worker = worker;
    worker.active.push(call);
    worker.requests += 1;
    worker.begin(call, now);
    if (call.sessionId !== undefined) this.sessions.record(call.sessionId, worker, now);
    call.trace?.dispatched(worker.handle.workerId);
  }

  /** Fails a call after a launcher has violated its port by throwing, which must not leak capacity. */
  #failSoon(call: Call, thrown: unknown): void {
    queueMicrotask(() => this.#parts.owner.settle(call, { is: "failure", error: toSnakepitError(thrown) }));
  }

  /** Sends a new call ahead, unless another call waits. Returns whether it did. */
  #sendNewAhead(call: Call, now: number): boolean {
    if (this.waiting.first !== undefined || this.waiting.firstOutside !== undefined) return false;
    const worker = this.#available.leastAhead();
    return worker !== undefined && this.#sendAhead(call, worker, now);
  }

  /** Sends waiting calls ahead to a busy worker, in their order. */
  #fillAhead(worker: PoolWorker): void {
    while (this.#prefetch.hasRoom(worker)) {
      const call = this.waiting.first ?? this.waiting.firstOutside;
      if (call === undefined) return;
      const now = performance.now();
      if (now >= call.deadline) this.#parts.owner.giveUp(call, "deadline", deadlineExceeded(call));
      else if (!this.#sendAhead(call, worker, now)) return;
    }
  }

  #sendAhead(call: Call, worker: PoolWorker, now: number): boolean {
    const expectedMs = this.#parts.tools.expectedMs(call.tool);
    // A call that only this worker may take goes first.
    if (worker.waiting.length > 0 || !this.#prefetch.isEligible(call)) return false;
    if (!this.#prefetch.isSoon(worker, expectedMs)) return false;
    const isQueued = call.isWaiting;
    if (isQueued) this.waiting.remove(call);
    this.waiting.number(call, now);
    // The worker gets this deadline, and the execution may begin that late.
    call.begin(now, call.queueTimeoutMs ?? this.#parts.options.queueTimeoutMs);
    call.apply(SENT_AHEAD);
    addExpected(call, worker, expectedMs);
    this.#ahead.add(call, worker);
    try {
      call.dispatched = worker.handle.sendAhead?.(call, call);
    } catch (thrown) {
      this.#failSoon(call, thrown);
    }
    if (isQueued) this.#admitOutside();
    this.#update(worker);
    return true;
  }

  /** Records the start of calls ahead of a worker that has become free: it starts them by itself. */
  #startAhead(worker: PoolWorker): void {
    while (worker.load < worker.handle.capacity) {
      const call = worker.ahead.first;
      if (call === undefined) return;
      const now = performance.now();
      this.#ahead.remove(call);
      call.begin(now);
      this.#activate(call, worker, now);
      if (call.batch !== undefined) {
        this.#parts.expiries.remove(call);
        this.#parts.expiries.add(call, call.runningUntil(now), now);
      }
    }
  }

  #update(worker: PoolWorker): void {
    this.#available.update(worker);
    if (this.#ahead.length > 0 && this.#available.size > 0) this.#ahead.watch();
  }

  /** Moves stalled calls to free workers. */
  #relieve(): void {
    const now = performance.now();
    for (let free = this.#available.leastLoaded(); free !== undefined; free = this.#available.leastLoaded()) {
      const call = this.#nextFor(free, now);
      if (call === undefined) break;
      this.#assign(call, free, now);
      this.#update(free);
    }
    if (this.#ahead.length > 0 && this.#available.size > 0) this.#ahead.watch();
  }
}

function addExpected(call: Call, worker: PoolWorker, expectedMs: number): void {
  call.expectedMs = expectedMs;
  worker.expectedMs += expectedMs;
}

function subtractExpected(call: Call, worker: PoolWorker): void {
  const isIdle = worker.active.length === 0 && worker.ahead.length === 0;
  // Sums of fractions drift.
  worker.expectedMs = isIdle ? 0 : worker.expectedMs - call.expectedMs;
  call.expectedMs = 0;
}
