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

/** The event of a call's span at the moment when the call leaves the queue. */
export const DISPATCHED_EVENT = "snakepit.dispatched";

export const INSTRUMENT = {
  calls: "snakepit.calls",
  callDuration: "snakepit.call.duration",
  queueDuration: "snakepit.queue.duration",
  workers: "snakepit.pool.workers",
  restarts: "snakepit.worker.restarts",
} as const;

/** The providers that an application's OpenTelemetry SDK has registered; one of them at least. */
export interface SdkGlobals {
  readonly trace?: object | undefined;
  readonly metrics?: object | undefined;
}

/**
 * Where all copies of version 1 of the API, whichever package they came with, find what was registered
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts).
 */
const API_KEY = Symbol.for("opentelemetry.js.api.1");

/** Returns the registered providers; `undefined` when there are none. Checked here so that the API is loaded only where it is used. */
export function sdkGlobals(): SdkGlobals | undefined {
  const globals = (globalThis as { [API_KEY]?: SdkGlobals })[API_KEY];
  return globals?.trace === undefined && globals?.metrics === undefined ? undefined : globals;
}
