import {
  type CallInfo,
  type CallLineage,
  type CallObserver,
  type CallOutcome,
  type CallTrace,
  type Deadline,
  type DispatchedCall,
  type EncodedValue,
  type ExecutionMs,
  rejectToCaller,
  type SnakepitError,
  type Unsubscribe,
  type WorkerCall,
  type WorkerHandle,
} from "@snakepit/core";
import type { BatchTerms, PoolCall } from "../pool-call.ts";
import type { Affinity } from "../pool-options.ts";
import type { Expiring } from "../scheduling/expiry-wheel.ts";
import { deadlineExceeded } from "./call-errors.ts";
import { type CallEvent, type CallState, NEW, transition } from "./call-state.ts";

/** Receives the events of a call; implemented by the scheduler. */
export interface CallOwner {
  /** The name of the pool. */
  readonly pool: string;
  /** The affinity of calls that do not specify one. */
  readonly affinity: Affinity;
  /** The worker has finished the call. */
  settle(call: Call, outcome: CallOutcome): void;
  /** The entry of the call in the expiry wheel is due. */
  expire(call: Call, now: number, lateMs: number): void;
}

/**
 * A call from admission to answer. One object serves as the scheduler's record, the worker's request, the observer of
 * the worker and the link in every list of the call: apart from its promise, nothing else is allocated for a call.
 */
export abstract class Call implements WorkerCall, CallObserver, CallInfo, Expiring {
  readonly owner: CallOwner;
  readonly tool: string;
  readonly args: EncodedValue;
  /** For a call of a batch, set when the call is dispatched. */
  deadline: Deadline;
  /** The deadline that the caller has set. */
  readonly #latest: Deadline;
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
  /** The sequence number among all calls that ever waited. */
  arrival = 0;
  /** When it began to wait in a queue, on the monotonic clock; 0 if it never did. */
  queuedAt = 0;
  /** When a worker began to execute it, on the monotonic clock. */
  beganAt = 0;
  /** The only worker that may take the call; `undefined` for any worker. */
  waitsFor: PoolWorker | undefined;
  /** Limits the calls of its tool that run at the same time; `undefined` without a limit. */
  gate: ToolGate | undefined;
  /** The worker that the call is or was assigned to. */
  worker: PoolWorker | undefined;
  /** The worker to which the call was sent ahead; `undefined` after its start. */
  holder: PoolWorker | undefined;
  dispatched: DispatchedCall | undefined;
  /** The milliseconds that the call adds to {@link PoolWorker.expectedMs}. */
  expectedMs = 0;

  /** Links of the list that contains the call: a queue, or the calls ahead or active calls of its worker. */
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
    this.#latest = request.deadline;
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

  /** Whether the call waits: in a queue, for room in one, or at a worker. */
  get isWaiting(): boolean {
    const { is } = this.#state;
    return is === "queued" || is === "outside" || is === "ahead" || is === "throttled";
  }

  /** The only way to change the state. Returns whether the event applied. */
  apply(event: CallEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  abstract get streaming(): boolean;

  /** The initial credit of the worker for the call. */
  abstract get credit(): number;

  get pool(): string {
    return this.owner.pool;
  }

  get traceparent(): string | undefined {
    return this.trace?.traceparent;
  }

  /**
   * Records the dispatch to a worker, or the start of a call that was sent ahead.
   *
   * @param waitMs milliseconds that the call may wait at the worker before its start.
   */
  begin(now: number, waitMs = 0): void {
    if (this.batch !== undefined) this.deadline = Math.min(this.#latest, now + waitMs + this.batch.executionMs);
  }

  /** Records that the call has returned from a worker that had not started it. */
  returned(): void {
    this.deadline = this.#latest;
    this.worker = undefined;
    this.dispatched = undefined;
  }

  /** Returns when a running call must be checked again: its deadline, or earlier. */
  abstract runningUntil(now: number): Deadline;
  /** Returns the error with which a running call must end now; `undefined` if it may continue. */
  abstract overdue(now: number): SnakepitError | undefined;
  /** Resolves the caller's promise, or ends its stream. */
  abstract resolve(value: unknown): void;
  /** Rejects with an error: at once, or, if the worker failed, after the chunks that preceded it. */
  abstract reject(error: SnakepitError, when: "at once" | "in order"): void;

  abstract chunk(value: unknown, byteLength: number): void;

  settled(outcome: CallOutcome): void {
    this.owner.settle(this, outcome);
  }

  expired(now: number, lateMs: number): void {
    this.owner.expire(this, now, lateMs);
  }
}

/** A call that returns one value. */
export class UnaryCall extends Call {
  readonly #settle: (value: unknown) => void;

  constructor(owner: CallOwner, request: PoolCall, settle: (value: unknown) => void) {
    super(owner, request);
    this.#settle = settle;
  }

  get streaming(): false {
    return false;
  }

  get credit(): number {
    return 0;
  }

  runningUntil(): Deadline {
    return this.deadline;
  }

  overdue(now: number): SnakepitError | undefined {
    return now >= this.deadline ? deadlineExceeded(this) : undefined;
  }

  resolve(value: unknown): void {
    this.#settle(value);
  }

  reject(error: SnakepitError): void {
    this.#settle(rejectToCaller(error));
  }

  /** Ignores unsolicited chunks. */
  chunk(): void {}
}

/** A health check of a worker. It is not a call of a user, and does not count as one. */
export class HealthCheckCall extends UnaryCall {}

/**
 * An intrusive linked list of calls in order of arrival: adding and removing a call takes constant time and
 * allocates nothing. A call is in at most one list; its state shows which.
 */
export class CallList {
  length = 0;
  /** The oldest call; `undefined` if the list is empty. */
  first: Call | undefined;
  #last: Call | undefined;

  push(call: Call): void {
    call.previousCall = this.#last;
    if (this.#last === undefined) this.first = call;
    else this.#last.nextCall = call;
    this.#last = call;
    this.length += 1;
  }

  /** Inserts a call before `next`, or at the end if `next` is `undefined`. */
  insert(call: Call, next: Call | undefined): void {
    if (next === undefined) {
      this.push(call);
      return;
    }
    const { previousCall } = next;
    call.previousCall = previousCall;
    call.nextCall = next;
    next.previousCall = call;
    if (previousCall === undefined) this.first = call;
    else previousCall.nextCall = call;
    this.length += 1;
  }

  /** Removes a call from this list. */
  remove(call: Call): void {
    const { previousCall, nextCall } = call;
    if (previousCall === undefined) this.first = nextCall;
    else previousCall.nextCall = nextCall;
    if (nextCall === undefined) this.#last = previousCall;
    else nextCall.previousCall = previousCall;
    call.previousCall = undefined;
    call.nextCall = undefined;
    this.length -= 1;
  }

  /** Iterates over the calls in order; the current call may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let call = this.first; call !== undefined; ) {
      const next = call.nextCall;
      yield call;
      call = next;
    }
  }
}

/**
 * Limits the calls of one tool that run at the same time in the pool. A call has passed the gate when it is in a queue
 * or at a worker; until then it is {@link waiting} here, where it delays no calls of other tools.
 */
export class ToolGate {
  readonly tool: string;
  /** The number of calls that may have passed. */
  limit = Number.POSITIVE_INFINITY;
  /** The calls that have passed and not ended. */
  readonly passed = new Set<Call>();
  /** The calls that may not pass yet, oldest first. */
  readonly waiting = new CallList();

  constructor(tool: string) {
    this.tool = tool;
  }

  get isFull(): boolean {
    return this.passed.size >= this.limit;
  }

  pass(call: Call): void {
    call.gate = this;
    this.passed.add(call);
  }
}

/** Receives the events of a worker; implemented by its slot. */
export interface WorkerWatcher {
  /** The worker failed a call because it died. It receives no further calls. */
  lost(worker: PoolWorker, error: SnakepitError): void;
  /** The worker did not stop a cancelled call within the grace period. Repeated when no other calls are active. */
  unresponsive(worker: PoolWorker): void;
  /** The worker accepts no further calls and has answered its last one. */
  drained(worker: PoolWorker): void;
}

/** A ready worker and its calls. */
export class PoolWorker {
  readonly handle: WorkerHandle;
  readonly watcher: WorkerWatcher;
  readonly readyAt = performance.now();
  /** The number of calls that the pool had answered when this worker was launched. */
  readonly answeredBefore: number;
  /** The number of the version of the code that it runs; see `CodeVersion`. */
  readonly version: number;
  /** The active calls. The length of this list is the load; there is no separate counter. */
  readonly active = new CallList();
  /** Calls that the worker holds and will start after the active ones, in this order. */
  readonly ahead = new CallList();
  /** The expected execution time in milliseconds of the active calls and the calls ahead. */
  expectedMs = 0;
  /** When an active call last began, on the monotonic clock. */
  beganAt = 0;
  /** Active calls that were cancelled and have not stopped within the grace period. */
  readonly unresponsive = new Set<Call>();
  /** Calls that only this worker may take. */
  readonly waiting = new CallList();
  /** The call after which the next call moved to {@link waiting} probably belongs; see `WaitingCalls.bind`. */
  lastBound: Call | undefined;
  /** The sessions of all calls dispatched to this worker, until they end. */
  readonly sessions = new Set<string>();
  /** Whether the worker accepts calls. */
  accepting = true;
  /** The number of calls dispatched to this worker. */
  requests = 0;
  /** The number of calls that this worker has answered, with a value or an error. */
  answered = 0;
  /** Milliseconds that the answered calls were executed, as the worker reports it. */
  executedMs = 0;
  /** Calls that waited in a queue before this worker took them, and for how many milliseconds. */
  waited = 0;
  waitedMs = 0;

  /** Whether it can take a call, can be sent one ahead, or neither; changed by `AvailableWorkers` only. */
  standing: "free" | "has-room" | "busy" = "busy";
  /** Links of the workers with the same standing. */
  bucket = -1;
  previousWorker: PoolWorker | undefined;
  nextWorker: PoolWorker | undefined;

  constructor(handle: WorkerHandle, watcher: WorkerWatcher, answeredBefore: number, version = 0) {
    this.handle = handle;
    this.watcher = watcher;
    this.answeredBefore = answeredBefore;
    this.version = version;
  }

  get load(): number {
    return this.active.length;
  }

  /** Records that a call begins. */
  begin(call: Call, now: number): void {
    this.beganAt = now;
    call.beganAt = now;
    if (call.queuedAt === 0) return;
    this.waited += 1;
    this.waitedMs += now - call.queuedAt;
  }

  /** Records that a call was answered. */
  answer(executionMs: ExecutionMs): void {
    this.answered += 1;
    if (executionMs !== undefined) this.executedMs += executionMs;
  }

  /** Reports a call that has not stopped in time. */
  addUnresponsive(call: Call): void {
    this.unresponsive.add(call);
    this.watcher.unresponsive(this);
  }

  /** Reports that a worker without further calls has answered its last one, or the last one that it will answer. */
  reportIfDrained(): void {
    if (this.load === 0) this.watcher.drained(this);
    else if (this.hasOnlyUnresponsive) this.watcher.unresponsive(this);
  }

  /** Whether all of its active calls are unresponsive. */
  get hasOnlyUnresponsive(): boolean {
    return this.load > 0 && this.unresponsive.size === this.load;
  }
}
