import type * as Api from "@opentelemetry/api";

/** The OpenTelemetry API. It is passed as a parameter, because this optional peer dependency may not be installed. */
export type OpenTelemetryApi = typeof Api;

/** The registered providers of an OpenTelemetry SDK, at least one. */
export interface SdkGlobals {
  readonly trace?: object | undefined;
  readonly metrics?: object | undefined;
}
