import { DEFAULT_POOL, describeValue, nearestName, SnakepitError } from "@snakepit/core";

/** There is no such pool, or there are several and none was named. @param pools the names of those that there are. */
export function unknownPool(name: unknown, pools: readonly string[]): SnakepitError {
  const list = `the pools are ${pools.join(", ")}`;
  if (name === undefined) {
    return new SnakepitError("UNKNOWN_POOL", `the call names no pool, and none is called "${DEFAULT_POOL}"; ${list}`);
  }
  if (typeof name !== "string") {
    return new SnakepitError("UNKNOWN_POOL", `a pool is chosen by its name, not by ${describeValue(name)}; ${list}`, {
      details: { pools },
    });
  }
  const nearest = nearestName(name, pools);
  const guess = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return new SnakepitError("UNKNOWN_POOL", `there is no pool "${name}"; ${guess}${list}`, { details: { pools } });
}
