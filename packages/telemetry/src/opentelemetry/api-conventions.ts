/** Names of spans, attributes and instruments. They are part of the public contract; see the package's README. */

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

export const INSTRUMENT = {
  calls: "snakepit.calls",
  callDuration: "snakepit.call.duration",
  queueDuration: "snakepit.queue.duration",
  workers: "snakepit.pool.workers",
  restarts: "snakepit.worker.restarts",
} as const;

/** The registered providers of an OpenTelemetry SDK, at least one. */
export interface SdkGlobals {
  readonly trace?: object | undefined;
  readonly metrics?: object | undefined;
}

/**
 * The key under which all copies of version 1 of the API share the registered providers
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts).
 */
const API_KEY = Symbol.for("opentelemetry.js.api.1");

/**
 * Returns the registered providers; `undefined` without any. Reads the global variable directly, so that the API is loaded
 * only when it is used.
 */
export function sdkGlobals(): SdkGlobals | undefined {
  const globals = (globalThis as { [API_KEY]?: SdkGlobals })[API_KEY];
  return globals?.trace === undefined && globals?.metrics === undefined ? undefined : globals;
}
