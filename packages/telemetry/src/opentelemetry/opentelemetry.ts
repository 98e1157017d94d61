import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type HostToolInfo,
  type HostToolTrace,
  type Instrumentation,
  type Logger,
  type SnakepitEvents,
  toSnakepitError,
} from "@snakepit/core";
import type { HostMetrics } from "../metrics/host-metrics.ts";
import type { SdkGlobals } from "./api.ts";
import type { CallTracer } from "./call-tracer.ts";

/** Exports spans and metrics through the OpenTelemetry SDK that the application sets up before or after the start. */
export class OpenTelemetry implements Instrumentation {
  readonly #log: Logger;
  /** Called when spans are exported from now on, or no longer. */
  readonly #onTracing: (isTracing: boolean) => void;
  readonly #metrics: HostMetrics;
  #loading: Promise<void> | undefined;
  #createTracer: ((sdk: SdkGlobals) => CallTracer) | undefined;
  #tracer: CallTracer | undefined;
  /** The providers of an SDK that has failed to create its instruments. It is not asked for each call. */
  #failedSdk: SdkGlobals | undefined;
  #hasFailed = false;

  constructor(log: Logger, metrics: HostMetrics, onTracing: (isTracing: boolean) => void) {
    this.#log = log;
    this.#metrics = metrics;
    this.#onTracing = onTracing;
  }

  /** Resolves when calls are traced by the current SDK; immediately without one. */
  async ready(): Promise<void> {
    const sdk = sdkGlobals();
    if (sdk === undefined) return;
    await this.#load();
    this.#tracerFor(sdk);
  }

  /** Events are counted by the metrics of the host. */
  emit<Name extends EventName>(_name: Name, _event: SnakepitEvents[Name]): void {}

  startCall(call: CallInfo): CallTrace | undefined {
    const sdk = sdkGlobals();
    if (sdk !== undefined) return this.#tracerFor(sdk)?.start(call);
    if (this.#tracer !== undefined) this.close();
    return undefined;
  }

  startHostTool(call: HostToolInfo): HostToolTrace | undefined {
    const sdk = sdkGlobals();
    return sdk === undefined ? undefined : this.#tracerFor(sdk)?.startHostTool(call);
  }

  close(): void {
    const tracer = this.#tracer;
    this.#tracer = undefined;
    try {
      tracer?.release();
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #tracerFor(sdk: SdkGlobals): CallTracer | undefined {
    if (this.#tracer?.uses(sdk)) return this.#tracer;
    this.close();
    if (this.#createTracer === undefined) {
      void this.#load();
      return undefined;
    }
    const failed = this.#failedSdk;
    if (failed !== undefined && failed.trace === sdk.trace && failed.metrics === sdk.metrics) return undefined;
    try {
      this.#tracer = this.#createTracer(sdk);
    } catch (thrown) {
      // A copy, because the API changes the object when providers are registered or removed.
      this.#failedSdk = { ...sdk };
      this.#report(thrown);
      return undefined;
    }
    this.#onTracing(this.#tracer.traces);
    return this.#tracer;
  }

  /** Logs the first failure of the SDK outside of calls, which must not affect the host. */
  #report(thrown: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const error = toSnakepitError(thrown, "INTERNAL", "the OpenTelemetry SDK failed");
    this.#log.error({ err: error }, `${error.message} (further failures are not logged)`);
  }

  #load(): Promise<void> {
    this.#loading ??= this.#loadApi();
    return this.#loading;
  }

  async #loadApi(): Promise<void> {
    try {
      // In a `try`, so that bundlers accept a missing optional peer dependency.
      const api = await import("@opentelemetry/api");
      const { CallTracer } = await import("./call-tracer.ts");
      this.#createTracer = (sdk) => new CallTracer(api, sdk, this.#metrics, (thrown) => this.#report(thrown));
    } catch (thrown) {
      const error = toSnakepitError(thrown, "INTERNAL", "loading @opentelemetry/api failed");
      this.#log.error({ err: error }, `${error.message}; calls are not traced; install it next to the SDK`);
    }
  }
}

/**
 * The key under which all copies of version 1 of the API share the registered providers
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts).
 */
const API_KEY = Symbol.for("opentelemetry.js.api.1");

/**
 * Returns the registered providers; `undefined` without any. Reads the global variable directly, so that the API is
 * loaded only when it is used.
 */
function sdkGlobals(): SdkGlobals | undefined {
  const globals = (globalThis as { [API_KEY]?: SdkGlobals })[API_KEY];
  return globals?.trace === undefined && globals?.metrics === undefined ? undefined : globals;
}
