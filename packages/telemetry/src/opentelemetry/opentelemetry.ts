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
    this.#tracer?.release();
    this.#tracer = undefined;
  }

  #tracerFor(sdk: SdkGlobals): CallTracer | undefined {
    if (this.#tracer?.uses(sdk)) return this.#tracer;
    this.close();
    if (this.#createTracer === undefined) void this.#load();
    else {
      this.#tracer = this.#createTracer(sdk);
      this.#onTracing(this.#tracer.traces);
    }
    return this.#tracer;
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
      this.#createTracer = (sdk) => new CallTracer(api, sdk, this.#metrics);
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
