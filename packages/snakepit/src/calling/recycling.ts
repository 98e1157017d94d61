import {
  type Duration,
  describeValue,
  optionMs,
  optionSignal,
  rejectUnknownOptions,
  SnakepitError,
} from "@snakepit/core";
import type { RecycleOptions as PoolRecycleOptions } from "@snakepit/pool";

/** Options of `recycle`. */
export interface RecycleOptions {
  /**
   * Time that active calls of the old worker have to finish once the replacement is ready, in milliseconds or as a
   * string such as `"30s"`; by default until their deadlines. A call that takes longer fails with `WORKER_CRASHED`
   * (`details.recycled` is true).
   */
  readonly graceMs?: Duration | undefined;
  /** Cancels the wait; when no other caller waits and the replacement is not ready yet, the old worker is kept. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the arguments of `recycle()` and returns the options for the pool.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkRecycleArguments(workerId: string, options: RecycleOptions): PoolRecycleOptions {
  if (typeof workerId !== "string") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `workerId must be the id of a worker, such as workers()[0].id; got ${describeValue(workerId)}`,
    );
  }
  rejectUnknownOptions("recycle", options, ["graceMs", "signal"]);
  return { graceMs: optionMs("graceMs", options.graceMs), signal: optionSignal(options.signal) };
}
