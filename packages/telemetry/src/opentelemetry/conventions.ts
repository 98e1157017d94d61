/** Names of spans and attributes. They are part of the public contract; see the package's README. */

/** The instrumentation scope. */
export const SCOPE = "@snakepit/telemetry";

export const ATTRIBUTE = {
  pool: "snakepit.pool",
  tool: "snakepit.tool",
  worker: "snakepit.worker.id",
  call: "snakepit.call.id",
  session: "snakepit.session.id",
  queueMs: "snakepit.queue.duration_ms",
  /** The error's code (https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/). */
  errorType: "error.type",
} as const;

/** The span event that is added when the call leaves the queue. */
export const DISPATCHED_EVENT = "snakepit.dispatched";
