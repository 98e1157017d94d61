import type { SnakepitError, WorkerHandle } from "@snakepit/core";
import type { Call } from "../calls/call.ts";
import { CallList } from "../calls/call-list.ts";

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
  readonly active = new CallList();
  /** Calls that wait for it and for no other. */
  readonly waiting = new CallList();
  /** The call after which the next one that is moved to {@link waiting} is likely to belong; see {@link WaitingCalls.bind}. */
  lastBound: Call | undefined;
  /** The sessions of all calls given to it, until they end. */
  readonly sessions = new Set<string>();
  /** Whether it may be given calls. */
  accepting = true;
  /** Calls given to it so far. */
  requests = 0;
  /** Calls that it answered, whatever the answer. */
  answered = 0;

  /** Links of {@link AvailableWorkers}; the bucket is -1 while it is in none. */
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
