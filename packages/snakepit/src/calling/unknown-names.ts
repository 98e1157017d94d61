import { DEFAULT_POOL, describeValue, nearestName, SnakepitError } from "@snakepit/core";

/** Workers that the message names. */
const NAMED_WORKERS = 8;

/**
 * No pool has this name, or the call names none of several pools.
 *
 * @param pools the names of the existing pools.
 */
export function unknownPool(name: unknown, pools: readonly string[]): SnakepitError {
  const list = `the pools are ${pools.join(", ")}`;
  if (name === undefined) {
    return new SnakepitError(
      "UNKNOWN_POOL",
      `the call names no pool, and no pool is called "${DEFAULT_POOL}"; ${list}`,
    );
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
 * No pool has a worker with this id.
 *
 * @param ids the ids of the existing workers.
 */
export function unknownWorker(workerId: string, ids: readonly string[]): SnakepitError {
  const more = ids.length - NAMED_WORKERS;
  const list = `${ids.slice(0, NAMED_WORKERS).join(", ") || "none"}${more > 0 ? ` and ${more} more (workers())` : ""}`;
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `unknown worker "${workerId}"; it may have been replaced or have ended; the workers are ${list}`,
    { details: { workerId } },
  );
}
