import {
  type Duration,
  describeValue,
  optionMs,
  optionSignal,
  rejectUnknownOptions,
  SnakepitError,
} from "@snakepit/core";
import type { RecycleOptions as PoolRecycleOptions } from "@snakepit/pool";

/** How a worker is to be recycled. */
export interface RecycleOptions {
  /**
   * How long its calls may go on once the replacement works, in milliseconds or as `"30s"`; by default as long as their own
   * deadlines let them. A call that takes longer fails with `WORKER_CRASHED` (`details.recycled` is true).
   */
  readonly graceMs?: Duration | undefined;
  /** Ends the waiting; when no other caller waits and the replacement is not ready yet, the old worker stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the arguments of `recycle()`.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function recycling(workerId: string, options: RecycleOptions): PoolRecycleOptions {
  if (typeof workerId !== "string") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `recycle() takes the id of a worker, such as workers()[0].id, not ${describeValue(workerId)}`,
    );
  }
  rejectUnknownOptions("recycle", options, ["graceMs", "signal"]);
  return { graceMs: optionMs("graceMs", options.graceMs), signal: optionSignal(options.signal) };
}
