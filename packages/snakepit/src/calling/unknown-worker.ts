import { SnakepitError } from "@snakepit/core";

/** Workers that the message names. */
const NAMED_WORKERS = 8;

/** No pool has the worker. @param ids those of the workers that there are. */
export function unknownWorker(workerId: string, ids: readonly string[]): SnakepitError {
  const more = ids.length - NAMED_WORKERS;
  const list = `${ids.slice(0, NAMED_WORKERS).join(", ") || "none"}${more > 0 ? ` and ${more} more (workers())` : ""}`;
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `there is no worker "${workerId}"; it may have been replaced already, or have ended. The workers are ${list}`,
    { details: { workerId } },
  );
}
