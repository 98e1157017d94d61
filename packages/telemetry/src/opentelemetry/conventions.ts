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
  hostTool: "snakepit.host_tool",
  /** Set on a span of Python that was open when its call ended. */
  unfinished: "snakepit.span.unfinished",
  /** The direction (https://opentelemetry.io/docs/specs/semconv/registry/attributes/network/): transmit or receive. */
  direction: "network.io.direction",
  /** The error's code (https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/). */
  errorType: "error.type",
} as const;

export const SPAN = {
  /** Followed by the name of the tool. */
  execute: "snakepit.execute",
  stream: "snakepit.stream",
  queue: "snakepit.queue",
  transport: "snakepit.transport",
  /** Followed by the name of the tool. */
  python: "snakepit.python",
  /** Followed by the name of the host tool. */
  hostTool: "snakepit.host_tool",
} as const;

/** The span event that is added when the call leaves the queue. */
export const DISPATCHED_EVENT = "snakepit.dispatched";
