import type { Unsubscribe } from "@snakepit/core";
import { type Call, CallList, type PoolWorker, type ToolGate } from "../calls/call.ts";
import { ENQUEUED, RECALLED, THROTTLED, WAITS_OUTSIDE } from "../calls/call-state.ts";
import type { QueuedCall, QueuedListener } from "../pool-occupancy.ts";

/**
 * The waiting calls, each in one queue: the common queue, for any worker, or the queue of the worker that its session
 * is bound to. Every queue is in order of arrival, so the oldest call that a worker may take is the head of one of its
 * two queues. Calls of batches wait outside while the queue has no room for them. Calls of a tool with a limit wait at
 * its gate until they may pass into a queue.
 */
export class WaitingCalls implements Iterable<Call> {
  /** The number of calls in the queues, at gates and outside. */
  total = 0;
  /** The number of calls in the queues, and at gates except those of batches. */
  length = 0;
  /** The number of calls of batches in the queues. */
  ofBatches = 0;
  readonly #common = new CallList();
  /** Calls of batches that wait for room in a queue. */
  readonly #outside = new CallList();
  /** Workers that have had a separate queue. */
  readonly #awaited = new Set<PoolWorker>();
  /** Gates at which calls have waited. */
  readonly #gates = new Set<ToolGate>();
  readonly #listeners = new Set<QueuedListener>();
  #arrivals = 0;

  /** Whether no call waits in the queues or outside. */
  get isEmpty(): boolean {
    return this.total === 0;
  }

  /** The number of calls that have ever waited in a queue: the `arrival` of the last one. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** The oldest call of the common queue. */
  get first(): Call | undefined {
    return this.#common.first;
  }

  /** The oldest call of a batch that waits for room in a queue. */
  get firstOutside(): Call | undefined {
    return this.#outside.first;
  }

  /** Returns the oldest call that a worker may take. */
  firstFor(worker: PoolWorker): Call | undefined {
    const own = worker.waiting.first;
    const common = this.#common.first;
    if (own === undefined) return common;
    return common === undefined || own.arrival < common.arrival ? own : common;
  }

  /** Adds a call of a batch for which the queue has no room. */
  addOutside(call: Call, now?: number): void {
    call.apply(WAITS_OUTSIDE);
    markQueued(call, now);
    this.total += 1;
    this.#outside.push(call);
  }

  /** Moves a call of a batch from outside into the queue of a worker, or the common queue. */
  admit(call: Call, worker: PoolWorker | undefined): void {
    this.remove(call);
    this.add(call, worker);
  }

  /** Adds a call that may not pass the gate of its tool. */
  throttle(call: Call, gate: ToolGate, now?: number): void {
    call.apply(THROTTLED);
    this.number(call, now);
    call.gate = gate;
    this.#gates.add(gate);
    gate.waiting.push(call);
    this.total += 1;
    if (call.batch === undefined) this.length += 1;
    if (call.parent !== undefined) this.#notify(call);
  }

  /** Moves a call that has passed the gate of its tool to its position in the common queue. */
  passed(call: Call): void {
    this.remove(call);
    call.apply(ENQUEUED);
    this.#insert(call);
  }

  /** Adds a new call to the queue of a worker, or to the common queue. */
  add(call: Call, worker: PoolWorker | undefined, now?: number): void {
    call.apply(ENQUEUED);
    call.arrival = 0;
    this.number(call, now);
    this.total += 1;
    this.length += 1;
    if (call.batch !== undefined) this.ofBatches += 1;
    if (worker === undefined) {
      this.#common.push(call);
    } else {
      this.#await(call, worker);
      worker.waiting.push(call);
    }
    if (call.parent !== undefined) this.#notify(call);
  }

  /**
   * Numbers a call in order of arrival, unless it has a number.
   *
   * @param now the present time on the monotonic clock, if it is known: from now on, the call waits.
   */
  number(call: Call, now?: number): void {
    if (call.arrival !== 0) return;
    markQueued(call, now);
    this.#arrivals += 1;
    call.arrival = this.#arrivals;
  }

  /** Returns a call that no worker has started to its position in the common queue. */
  takeBack(call: Call): void {
    call.apply(RECALLED);
    this.number(call);
    this.#insert(call);
  }

  #insert(call: Call): void {
    this.total += 1;
    this.length += 1;
    if (call.batch !== undefined) this.ofBatches += 1;
    let next = this.#common.first;
    while (next !== undefined && next.arrival < call.arrival) next = next.nextCall;
    this.#common.insert(call, next);
  }

  /** Removes a waiting call. */
  remove(call: Call): void {
    this.total -= 1;
    if (call.state.is === "outside") {
      this.#outside.remove(call);
      return;
    }
    if (call.state.is === "throttled") {
      call.gate?.waiting.remove(call);
      if (call.batch === undefined) this.length -= 1;
      return;
    }
    this.length -= 1;
    if (call.batch !== undefined) this.ofBatches -= 1;
    const { waitsFor: worker } = call;
    if (worker === undefined) {
      this.#common.remove(call);
    } else {
      if (worker.lastBound === call) worker.lastBound = call.previousCall;
      worker.waiting.remove(call);
      call.waitsFor = undefined;
    }
  }

  /**
   * Moves a call from the common queue to the queue of one worker, in order of arrival. Calls leave the common queue in
   * that order, so the position is almost always directly after the previously moved call.
   */
  bind(call: Call, worker: PoolWorker): void {
    this.#common.remove(call);
    this.#await(call, worker);
    const { lastBound, waiting } = worker;
    let next = lastBound !== undefined && lastBound.arrival < call.arrival ? lastBound.nextCall : waiting.first;
    while (next !== undefined && next.arrival < call.arrival) next = next.nextCall;
    waiting.insert(call, next);
    worker.lastBound = call;
    if (call.parent !== undefined) this.#notify(call);
  }

  /** Moves the calls that wait for a worker, or those of one session, to their positions in the common queue. */
  release(worker: PoolWorker, sessionId?: string): void {
    worker.lastBound = undefined;
    let next = this.#common.first;
    for (const call of worker.waiting) {
      if (sessionId !== undefined && call.sessionId !== sessionId) continue;
      worker.waiting.remove(call);
      call.waitsFor = undefined;
      while (next !== undefined && next.arrival < call.arrival) next = next.nextCall;
      this.#common.insert(call, next);
    }
    if (worker.waiting.length === 0) this.#awaited.delete(worker);
  }

  find(correlationId: string): Call | undefined {
    for (const call of this) if (call.correlationId === correlationId) return call;
    return undefined;
  }

  /** Calls `listener` with each nested call that is queued, or that must now wait for one worker instead of any. */
  onQueued(listener: QueuedListener): Unsubscribe {
    // Wrapped so that a listener that was added twice is called twice.
    const entry: QueuedListener = (call) => listener(call);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Iterates over all calls, queue by queue; the current call may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    yield* this.#common;
    for (const worker of this.#awaited) yield* worker.waiting;
    for (const gate of this.#gates) yield* gate.waiting;
    yield* this.#outside;
  }

  #await(call: Call, worker: PoolWorker): void {
    call.waitsFor = worker;
    this.#awaited.add(worker);
  }

  #notify(call: Call): void {
    for (const listener of this.#listeners) listener(queuedCall(call));
  }
}

function markQueued(call: Call, now: number | undefined): void {
  if (call.queuedAt === 0) call.queuedAt = now ?? performance.now();
}

/** Describes a waiting call for the occupancy of the pool. */
export function queuedCall({ correlationId, parent, waitsFor, state, tool }: Call): QueuedCall {
  const throttledTool = state.is === "throttled" ? tool : undefined;
  return { correlationId, parent, waitsFor: waitsFor?.handle.workerId, throttledTool };
}
