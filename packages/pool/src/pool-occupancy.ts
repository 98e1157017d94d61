import type { CallLineage } from "@snakepit/core";

/** The calls that hold a pool's workers and those that wait for them, as of one moment: the input of deadlock detection. */
export interface PoolOccupancy {
  /** Whether no worker could take a call now, and none is on its way: the next place is the one that a running call leaves. */
  readonly full: boolean;
  /**
   * The calls that hold a place which another could have, given-up ones that their worker has not answered yet included.
   * Those of a worker that takes no further calls are not among them.
   */
  readonly running: readonly RunningCall[];
  /** The calls that wait: first those that any worker may take, in order of arrival. */
  readonly queued: readonly QueuedCall[];
}

/** A call that holds a place at a worker. */
export interface RunningCall {
  readonly correlationId: string;
  readonly workerId: string;
}

/** A call that waits. */
export interface QueuedCall {
  readonly correlationId: string;
  /** The call on whose behalf it was made; absent for a call from outside. */
  readonly parent: CallLineage | undefined;
  /** The one worker that it waits for; absent when any will do. */
  readonly waitsFor: string | undefined;
}

/**
 * Is notified of a call that was made on behalf of another and has to wait. Called synchronously, from within the call,
 * so it must not throw; it may read the occupancy and reject calls.
 */
export type QueuedListener = (call: QueuedCall) => void;
