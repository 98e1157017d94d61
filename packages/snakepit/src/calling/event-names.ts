import { describeValue, type EventName, nearestName, SnakepitError } from "@snakepit/core";

/** The names of all events. */
export const EVENT_NAMES = Object.keys({
  "pool.state": true,
  "pool.ready": true,
  "pool.degraded": true,
  "pool.recovered": true,
  "pool.resized": true,
  "pool.reloaded": true,
  "pool.reload-failed": true,
  "pool.churning": true,
  "pool.saturated": true,
  "call.retried": true,
  "call.poisoned": true,
  "circuit.opened": true,
  "circuit.half-open": true,
  "circuit.closed": true,
  "worker.starting": true,
  "worker.ready": true,
  "worker.start-failed": true,
  "worker.exited": true,
  "worker.recycled": true,
  "worker.unhealthy": true,
  "worker.log": true,
  "zygote.ready": true,
  "zygote.exited": true,
  "session.created": true,
  "session.ended": true,
  "session.store-failed": true,
  "registry.swept": true,
} satisfies Record<EventName, true>) as readonly EventName[];
const NAMES: readonly string[] = EVENT_NAMES;

/**
 * Checks the arguments of `on()`. A listener of a misspelled event would never be called.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, with the most similar name.
 */
export function checkListenerArguments(name: unknown, listener: unknown): void {
  if (typeof name !== "string" || !NAMES.includes(name)) {
    const nearest = typeof name === "string" ? nearestName(name, NAMES) : undefined;
    const remedy = nearest === undefined ? `the events are ${NAMES.join(", ")}` : `did you mean "${nearest}"?`;
    throw new SnakepitError("INVALID_ARGUMENT", `unknown event ${describeValue(name)}; ${remedy}`);
  }
  if (typeof listener === "function") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the listener of on("${name}") must be a function; got ${describeValue(listener)}`,
  );
}
