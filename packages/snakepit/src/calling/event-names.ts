import { describeValue, type EventName, nearestName, SnakepitError } from "@snakepit/core";

const NAMES: readonly string[] = Object.keys({
  "pool.state": true,
  "pool.ready": true,
  "pool.degraded": true,
  "pool.recovered": true,
  "pool.saturated": true,
  "worker.starting": true,
  "worker.ready": true,
  "worker.start-failed": true,
  "worker.exited": true,
  "worker.recycled": true,
  "worker.log": true,
  "zygote.ready": true,
  "zygote.exited": true,
  "session.created": true,
  "session.ended": true,
  "session.store-failed": true,
  "registry.swept": true,
} satisfies Record<EventName, true>);

/**
 * Accepts an event and who listens to it. One that is misspelt would never come.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, with the name that may have been meant.
 */
export function checkListening(name: unknown, listener: unknown): void {
  if (typeof name !== "string" || !NAMES.includes(name)) {
    const nearest = typeof name === "string" ? nearestName(name, NAMES) : undefined;
    const remedy = nearest === undefined ? `the events are ${NAMES.join(", ")}` : `did you mean "${nearest}"?`;
    throw new SnakepitError("INVALID_ARGUMENT", `there is no event ${describeValue(name)}; ${remedy}`);
  }
  if (typeof listener === "function") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `on("${name}") takes a function that is called with each event, not ${describeValue(listener)}`,
  );
}
