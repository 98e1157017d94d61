import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type Instrumentation,
  type Logger,
  type SnakepitEvents,
  toSnakepitError,
} from "@snakepit/core";
import type { CallTracer } from "./call-tracer.ts";
import { PoolCensus } from "./pool-census.ts";
import { type SdkGlobals, sdkGlobals } from "./sdk-globals.ts";

/** Spans and metrics for the OpenTelemetry SDK that the application has set up, whenever that was. */
export class OpenTelemetry implements Instrumentation {
  readonly #log: Logger;
  readonly #census = new PoolCensus();
  #loading: Promise<void> | undefined;
  #makeTracer: ((sdk: SdkGlobals) => CallTracer) | undefined;
  #tracer: CallTracer | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Resolves when calls are followed by the SDK that is set up now; at once when none is. */
  async ready(): Promise<void> {
    const sdk = sdkGlobals();
    if (sdk === undefined) return;
    await this.#load();
    this.#tracerFor(sdk);
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.#census.hear(name, event);
  }

  startCall(call: CallInfo): CallTrace | undefined {
    const sdk = sdkGlobals();
    return sdk === undefined ? undefined : this.#tracerFor(sdk)?.start(call);
  }

  close(): void {
    this.#tracer?.release();
    this.#tracer = undefined;
  }

  #tracerFor(sdk: SdkGlobals): CallTracer | undefined {
    if (this.#tracer?.serves(sdk)) return this.#tracer;
    this.close();
    if (this.#makeTracer === undefined) void this.#load();
    else this.#tracer = this.#makeTracer(sdk);
    return this.#tracer;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#loadApi();
    return this.#loading;
  }

  async #loadApi(): Promise<void> {
    try {
      // In a `try`, so that bundlers accept that an optional peer dependency is not installed.
      const api = await import("@opentelemetry/api");
      const { CallTracer } = await import("./call-tracer.ts");
      this.#makeTracer = (sdk) => new CallTracer(api, sdk, this.#census);
    } catch (thrown) {
      const error = toSnakepitError(thrown, "INTERNAL", "loading @opentelemetry/api failed");
      this.#log.error({ err: error }, `${error.message}; calls are not traced; install it next to the SDK`);
    }
  }
}
