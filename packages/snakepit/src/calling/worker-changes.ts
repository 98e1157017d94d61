import {
  type Duration,
  describeValue,
  isPoolSize,
  optionMs,
  optionSignal,
  POOL_SIZE_FORM,
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

/** Options of `drain`. */
export interface DrainOptions {
  /**
   * Time that active calls of the worker have to finish, in milliseconds or as a string such as `"30s"`; by default
   * until their deadlines. A call that takes longer fails with `WORKER_CRASHED` (`details.recycled` is true).
   */
  readonly graceMs?: Duration | undefined;
  /** Cancels the wait; the worker is stopped nevertheless. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `resize`. */
export interface ResizeOptions {
  /**
   * Time that active calls of surplus workers have to finish, in milliseconds or as a string such as `"30s"`; by
   * default the pool's `recycle.graceMs` (5 min). A call that takes longer fails with `WORKER_CRASHED`
   * (`details.recycled` is true).
   */
  readonly graceMs?: Duration | undefined;
  /** Cancels the wait; the pool nevertheless gets its new size. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the arguments of `recycle()` or `drain()` and returns the options for the pool.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkWorkerArguments(
  method: "recycle" | "drain",
  workerId: string,
  options: RecycleOptions | DrainOptions,
): PoolRecycleOptions {
  if (typeof workerId !== "string") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `workerId must be the id of a worker, such as workers()[0].id; got ${describeValue(workerId)}`,
    );
  }
  return checkOptions(method, options);
}

/**
 * Checks the arguments of `resize()` and returns the options for the pool.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkResizeArguments(size: unknown, options: ResizeOptions): PoolRecycleOptions {
  if (!isPoolSize(size)) {
    throw new SnakepitError("INVALID_ARGUMENT", `size must be ${POOL_SIZE_FORM}; got ${describeValue(size)}`);
  }
  return checkOptions("resize", options);
}

function checkOptions(method: string, options: RecycleOptions | DrainOptions | ResizeOptions): PoolRecycleOptions {
  rejectUnknownOptions(method, options, ["graceMs", "signal"]);
  return { graceMs: optionMs("graceMs", options.graceMs), signal: optionSignal(options.signal) };
}
