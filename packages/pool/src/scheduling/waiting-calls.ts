import type { Unsubscribe } from "@snakepit/core";
import type { Call, PoolWorker } from "../calls/call.ts";
import { CallList } from "../calls/call-list.ts";
import { ENQUEUED, WAITS_OUTSIDE } from "../calls/call-state.ts";
import type { QueuedCall, QueuedListener } from "../pool-occupancy.ts";

/**
 * The calls that wait, each in one queue: the common one, for whichever worker becomes free, or that of the one worker
 * which its session keeps to. Every queue is in order of arrival, so the one who has waited longest stands at the head of
 * one of the two that a worker serves. Calls of batches wait outside while there is no place for them in a queue.
 */
export class WaitingCalls implements Iterable<Call> {
  /** How many are in the queues. */
  length = 0;
  /** How many of those belong to batches. */
  ofBatches = 0;
  readonly #common = new CallList<Call>();
  /** Calls of batches that wait for a place in a queue. */
  readonly #outside = new CallList<Call>();
  /** Workers that have had a queue of their own. */
  readonly #awaited = new Set<PoolWorker>();
  readonly #listeners = new Set<QueuedListener>();
  #arrivals = 0;

  /** Whether no call waits, in the queues or for a place in one. */
  get isEmpty(): boolean {
    return this.length === 0 && this.#outside.length === 0;
  }

  /** The head of the common queue. */
  get first(): Call | undefined {
    return this.#common.first;
  }

  /** The call of a batch that has waited longest for a place in a queue. */
  get firstOutside(): Call | undefined {
    return this.#outside.first;
  }

  /** The call that has waited longest of those that a worker may take. */
  firstFor(worker: PoolWorker): Call | undefined {
    const own = worker.waiting.first;
    const common = this.#common.first;
    if (own === undefined) return common;
    return common === undefined || own.arrival < common.arrival ? own : common;
  }

  /** Adds a call of a batch for which there is no place in a queue. */
  addOutside(call: Call): void {
    call.apply(WAITS_OUTSIDE);
    this.#outside.push(call);
  }

  /** Moves a call of a batch from outside into the queue of a worker, or the common one. */
  admit(call: Call, worker: PoolWorker | undefined): void {
    this.remove(call);
    this.add(call, worker);
  }

  /** Adds a call that has just come; with a worker, to the queue of that one. */
  add(call: Call, worker: PoolWorker | undefined): void {
    call.apply(ENQUEUED);
    this.#arrivals += 1;
    call.arrival = this.#arrivals;
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

  /** Removes a call, wherever it waits. */
  remove(call: Call): void {
    if (call.state.is === "outside") {
      this.#outside.remove(call);
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
   * Moves a call of the common queue to its place in that of one worker. Calls leave the common queue in order of arrival,
   * so the place is nearly always right behind the one that was moved before, however many came later.
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

  /** Moves the calls that wait for a worker, or those of one session, to the place in the common queue that is theirs. */
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

  list(): QueuedCall[] {
    return Array.from(this, queuedCall);
  }

  /** Calls `listener` with each call on behalf of another that begins to wait, or to wait for one worker instead of any. */
  onQueued(listener: QueuedListener): Unsubscribe {
    // Wrapped, so that a listener that listens twice is called twice.
    const entry: QueuedListener = (call) => listener(call);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Goes through all of them, queue by queue; the one at hand may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    yield* this.#common;
    for (const worker of this.#awaited) yield* worker.waiting;
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

function queuedCall({ correlationId, parent, waitsFor }: Call): QueuedCall {
  return { correlationId, parent, waitsFor: waitsFor?.handle.workerId };
}
