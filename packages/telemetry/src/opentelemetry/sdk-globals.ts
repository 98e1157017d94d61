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

/** What is registered now; `undefined` when no provider is. To look here spares loading the API where nobody uses it. */
export function sdkGlobals(): SdkGlobals | undefined {
  const globals = (globalThis as { [API_KEY]?: SdkGlobals })[API_KEY];
  return globals?.trace === undefined && globals?.metrics === undefined ? undefined : globals;
}
