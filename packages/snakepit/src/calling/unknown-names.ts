import { DEFAULT_POOL, describeValue, nearestName, SnakepitError } from "@snakepit/core";

/** Largest number of workers in a message. */
const NAMED_WORKERS = 8;

/**
 * Returns the error for a call that names an unknown pool, or no pool where none is the default.
 *
 * @param pools the names of the existing pools.
 */
export function unknownPool(name: unknown, pools: readonly string[]): SnakepitError {
  const list = `available pools: ${pools.join(", ")}`;
  if (name === undefined) {
    return new SnakepitError("UNKNOWN_POOL", `pool must be specified when no pool is named "${DEFAULT_POOL}"; ${list}`);
  }
  if (typeof name !== "string") {
    return new SnakepitError("UNKNOWN_POOL", `pool must be the name of a pool; got ${describeValue(name)}; ${list}`, {
      details: { pools },
    });
  }
  const nearest = nearestName(name, pools);
  const guess = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return new SnakepitError("UNKNOWN_POOL", `unknown pool "${name}"; ${guess}${list}`, { details: { pools } });
}

/**
 * Returns the error for an unknown worker.
 *
 * @param ids the ids of the existing workers.
 */
export function unknownWorker(workerId: string, ids: readonly string[]): SnakepitError {
  const more = ids.length - NAMED_WORKERS;
  const list = `${ids.slice(0, NAMED_WORKERS).join(", ") || "none"}${more > 0 ? ` and ${more} more (workers())` : ""}`;
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `unknown worker "${workerId}"; it may have been replaced or may have exited; available workers: ${list}`,
    { details: { workerId } },
  );
}
