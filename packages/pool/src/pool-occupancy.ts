import type { CallLineage } from "@snakepit/core";

/** A snapshot of the running and queued calls of a pool: the input of deadlock detection. */
export interface PoolOccupancy {
  /** Whether no worker is available or starting, so that a queued call must wait for the end of a running one. */
  readonly full: boolean;
  /**
   * The calls that occupy a worker, including cancelled calls that the worker has not answered yet. Excludes the calls
   * of a worker that accepts no further calls.
   */
  readonly running: readonly RunningCall[];
  /** The queued calls: first those that any worker may take, in order of arrival. */
  readonly queued: readonly QueuedCall[];
  /** The tools whose limit (`maxConcurrent`) queued calls wait for. */
  readonly limits: readonly LimitedTool[];
}

/** A tool with as many calls as may run at the same time. */
export interface LimitedTool {
  readonly tool: string;
  /** The correlation IDs of its calls that run, or that only wait for a worker. */
  readonly running: readonly string[];
}

/** A call that occupies a worker. */
export interface RunningCall {
  readonly correlationId: string;
  readonly workerId: string;
}

/** A queued call. */
export interface QueuedCall {
  readonly correlationId: string;
  /** The call on whose behalf it was made; absent for a call that is not nested. */
  readonly parent: CallLineage | undefined;
  /** The only worker that may take the call; absent for any worker. */
  readonly waitsFor: string | undefined;
  /** The tool, if the call waits until fewer of its calls run (`maxConcurrent`); otherwise absent. */
  readonly throttledTool: string | undefined;
}

/**
 * Receives each nested call that is queued. Called synchronously during the call, so it must not throw; it may read the
 * occupancy and reject calls.
 */
export type QueuedListener = (call: QueuedCall) => void;
