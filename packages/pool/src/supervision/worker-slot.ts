import type { SnakepitError } from "@snakepit/core";
import type { Call, PoolWorker, WorkerWatcher } from "../calls/call.ts";
import { leave, type SlotEvent, type SlotState, type SlotTimers, transition, VACANT } from "./slot-state.ts";

/** Is notified of what happens in a slot: the supervisor. */
export interface SlotOwner {
  /** The worker is gone, as a failed call has shown. */
  lost(slot: WorkerSlot, worker: PoolWorker, error: SnakepitError): void;
  /** The worker did not give up a cancelled call within the grace period. */
  unresponsive(slot: WorkerSlot, worker: PoolWorker, call: Call): void;
  /** A worker that drains has answered its last call. */
  drained(slot: WorkerSlot): void;
  /** A launch takes too long. */
  launchOverdue(slot: WorkerSlot): void;
  /** The pause before the next attempt has ended. */
  pauseOver(slot: WorkerSlot): void;
  /** The calls of a worker that drains have had their time. */
  graceOver(slot: WorkerSlot): void;
}

/** The place of one worker in a pool: a worker that dies in it is replaced as long as the pool has the slot. */
export class WorkerSlot implements WorkerWatcher, SlotTimers {
  readonly #owner: SlotOwner;
  #state: SlotState;

  constructor(owner: SlotOwner, state = VACANT) {
    this.#owner = owner;
    this.#state = state;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** The worker that is alive in it, if any. */
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

  unresponsive(worker: PoolWorker, call: Call): void {
    if (worker === this.worker) this.#owner.unresponsive(this, worker, call);
  }

  drained(worker: PoolWorker): void {
    if (worker === this.worker) this.#owner.drained(this);
  }

  readonly launchOverdue = (): void => this.#owner.launchOverdue(this);
  readonly pauseOver = (): void => this.#owner.pauseOver(this);
  readonly graceOver = (): void => this.#owner.graceOver(this);
}
