import type {
  CallInfo,
  CallLineage,
  CallObserver,
  CallOutcome,
  CallTrace,
  Deadline,
  DispatchedCall,
  EncodedValue,
  SnakepitError,
  Unsubscribe,
  WorkerCall,
  WorkerHandle,
} from "@snakepit/core";
import type { BatchTerms, PoolCall } from "../pool-call.ts";
import type { Affinity } from "../pool-options.ts";
import type { Expiring } from "../scheduling/expiry-wheel.ts";
import { CallList } from "./call-list.ts";
import { type CallEvent, type CallState, NEW, transition } from "./call-state.ts";

/** Is notified of what happens to a call: the scheduler. */
export interface CallOwner {
  /** Name of the pool. */
  readonly pool: string;
  /** How calls keep to the worker of their session, unless they say. */
  readonly affinity: Affinity;
  /** The worker is done with the call. */
  settle(call: Call, outcome: CallOutcome): void;
  /** The moment that the call was waiting for has come. */
  expire(call: Call, now: number): void;
}

/**
 * A call from admission to answer. One object is the scheduler's record, what the worker gets, what observes the worker,
 * and the link in every list that the call is in: nothing else is allocated for a call but its promise.
 */
export abstract class Call implements WorkerCall, CallObserver, CallInfo, Expiring {
  readonly owner: CallOwner;
  readonly tool: string;
  readonly args: EncodedValue;
  /** Of a call of a batch: begins to run when a worker gets the call. */
  deadline: Deadline;
  readonly correlationId: string;
  readonly sessionId: string | undefined;
  readonly sessionGeneration: number | undefined;
  readonly affinity: Affinity;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly parent: CallLineage | undefined;
  readonly signal: AbortSignal | undefined;
  readonly queueTimeoutMs: number | undefined;
  readonly batch: BatchTerms | undefined;

  #state: CallState = NEW;
  trace: CallTrace | undefined;
  unwatch: Unsubscribe | undefined;
  /** Its place among all calls that ever waited: the lower, the earlier it came. */
  arrival = 0;
  /** The one worker that it waits for; `undefined` while any will do. */
  waitsFor: PoolWorker | undefined;
  /** The worker that has it or had it. */
  worker: PoolWorker | undefined;
  dispatched: DispatchedCall | undefined;

  /** Links of the list it is in: a queue, or its worker's active calls. */
  previousCall: Call | undefined;
  nextCall: Call | undefined;
  /** Links of the expiry wheel. */
  dueTick = 0;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;

  constructor(owner: CallOwner, request: PoolCall) {
    this.owner = owner;
    this.tool = request.tool;
    this.args = request.args;
    this.deadline = request.deadline;
    this.correlationId = request.correlationId;
    this.sessionId = request.sessionId;
    this.sessionGeneration = request.sessionGeneration;
    this.affinity = request.affinity ?? owner.affinity;
    this.metadata = request.metadata;
    this.parent = request.parent;
    this.signal = request.signal;
    this.queueTimeoutMs = request.queueTimeoutMs;
    this.batch = request.batch;
  }

  get state(): CallState {
    return this.#state;
  }

  /** Whether it waits in a queue, or for a place in one. */
  get isWaiting(): boolean {
    return this.#state.is === "queued" || this.#state.is === "outside";
  }

  /** The only way to change the state. Returns whether the event applied. */
  apply(event: CallEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  abstract get streaming(): boolean;

  /** Credit that the worker gets with the call. */
  abstract get credit(): number;

  get pool(): string {
    return this.owner.pool;
  }

  get traceparent(): string | undefined {
    return this.trace?.traceparent;
  }

  /** A worker gets the call now. */
  begin(now: number): void {
    if (this.batch !== undefined) this.deadline = Math.min(this.deadline, now + this.batch.executionMs);
  }

  /** When a running call is to be looked at again: its deadline, or sooner. */
  abstract runningUntil(now: number): Deadline;
  /** Why a running call has to be given up now; `undefined` when it may go on. */
  abstract overdue(now: number): SnakepitError | undefined;
  /** The caller gets a value, or the end of its stream. */
  abstract resolve(value: unknown): void;
  /** The caller gets an error: at once, or, when the worker failed, after the chunks that came before it. */
  abstract reject(error: SnakepitError, when: "at once" | "in order"): void;

  abstract chunk(value: unknown, byteLength: number): void;

  settled(outcome: CallOutcome): void {
    this.owner.settle(this, outcome);
  }

  expired(now: number): void {
    this.owner.expire(this, now);
  }
}

/** Who looks after a worker: its slot. */
export interface WorkerWatcher {
  /** The worker failed a call because it is gone. It gets no further call. */
  lost(worker: PoolWorker, error: SnakepitError): void;
  /** The worker did not give up a cancelled call within the grace period. */
  unresponsive(worker: PoolWorker, call: Call): void;
  /** The worker takes no further calls and has answered its last one. */
  drained(worker: PoolWorker): void;
}

/** A ready worker and the calls it holds. */
export class PoolWorker {
  readonly handle: WorkerHandle;
  readonly watcher: WorkerWatcher;
  readonly readyAt = performance.now();
  /** Calls that the pool had answered when this worker was launched. */
  readonly answeredBefore: number;
  /** Its calls. The length of this list is its load: there is no counter that could go wrong. */
  readonly active = new CallList<Call>();
  /** Calls that wait for it and for no other. */
  readonly waiting = new CallList<Call>();
  /** The call after which the next one that is moved to {@link waiting} is likely to belong; see `WaitingCalls.bind`. */
  lastBound: Call | undefined;
  /** The sessions of all calls given to it, until they end. */
  readonly sessions = new Set<string>();
  /** Whether it may be given calls. */
  accepting = true;
  /** Calls given to it so far. */
  requests = 0;
  /** Calls that it answered, whatever the answer. */
  answered = 0;

  /** Links of `AvailableWorkers`; the bucket is -1 while it is in none. */
  bucket = -1;
  previousWorker: PoolWorker | undefined;
  nextWorker: PoolWorker | undefined;

  constructor(handle: WorkerHandle, watcher: WorkerWatcher, answeredBefore: number) {
    this.handle = handle;
    this.watcher = watcher;
    this.answeredBefore = answeredBefore;
  }

  get load(): number {
    return this.active.length;
  }
}
