import type { SnakepitError } from "@snakepit/core";
import type { PoolWorker, WorkerWatcher } from "../calls/call.ts";
import type { CodeVersion } from "../lifecycle/code-version.ts";
import { leave, type SlotEvent, type SlotState, type SlotTimers, transition, VACANT } from "./slot-state.ts";

/** Receives the events of a slot; implemented by the supervisor. */
export interface SlotOwner {
  /** A failed call has shown that the worker died. */
  lost(slot: WorkerSlot, worker: PoolWorker, error: SnakepitError): void;
  /** The worker did not stop a cancelled call within the grace period. */
  unresponsive(slot: WorkerSlot, worker: PoolWorker): void;
  /** A draining worker has answered its last call. */
  drained(slot: WorkerSlot): void;
  /** A launch exceeded its time limit. */
  launchOverdue(slot: WorkerSlot): void;
  /** The delay before the next attempt has ended. */
  pauseEnded(slot: WorkerSlot): void;
  /** The grace period of a draining worker has ended. */
  graceEnded(slot: WorkerSlot): void;
}

/** A slot for one worker of a pool. A worker that dies is replaced as long as the pool has the slot. */
export class WorkerSlot implements WorkerWatcher, SlotTimers {
  readonly #owner: SlotOwner;
  /** The code that the workers of the slot run, if it is not that of the pool; used by a reload. */
  version: CodeVersion | undefined;
  #state: SlotState;

  constructor(owner: SlotOwner, state = VACANT, version?: CodeVersion) {
    this.#owner = owner;
    this.#state = state;
    this.version = version;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** The running worker of the slot, if any. */
  get worker(): PoolWorker | undefined {
    return "worker" in this.#state ? this.#state.worker : undefined;
  }

  /** The only way to change the state. Returns whether the event applied. */
  apply(event: SlotEvent): boolean {
    const before = this.#state;
    const after = transition(before, event, this);
    if (after === before) return false;
    leave(before);
    this.#state = after;
    return true;
  }

  lost(worker: PoolWorker, error: SnakepitError): void {
    if (worker === this.worker) this.#owner.lost(this, worker, error);
  }

  unresponsive(worker: PoolWorker): void {
    if (worker === this.worker) this.#owner.unresponsive(this, worker);
  }

  drained(worker: PoolWorker): void {
    if (worker === this.worker) this.#owner.drained(this);
  }

  readonly launchOverdue = (): void => this.#owner.launchOverdue(this);
  readonly pauseEnded = (): void => this.#owner.pauseEnded(this);
  readonly graceEnded = (): void => this.#owner.graceEnded(this);
}
