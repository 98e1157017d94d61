import type * as Api from "@opentelemetry/api";
import type { Attributes, Context, Span, SpanContext, Tracer } from "@opentelemetry/api";
import type { CallInfo, CallTrace, ExecutionMs, SnakepitError } from "@snakepit/core";
import type { HostMetrics } from "../metrics/host-metrics.ts";
import { type CallMetrics, createCallMetrics } from "./call-metrics.ts";
import { ATTRIBUTE, DISPATCHED_EVENT, SCOPE } from "./conventions.ts";

/** The OpenTelemetry API. It is passed as a parameter, because this optional peer dependency may not be installed. */
export type OpenTelemetryApi = typeof Api;

/** The registered providers of an OpenTelemetry SDK, at least one. */
export interface SdkGlobals {
  readonly trace?: object | undefined;
  readonly metrics?: object | undefined;
}

/** Traces and measures calls with the providers that were registered at its creation. */
export class CallTracer {
  readonly #api: OpenTelemetryApi;
  readonly #sdk: SdkGlobals;
  readonly #tracer: Tracer | undefined;
  readonly #metrics: CallMetrics | undefined;

  constructor(api: OpenTelemetryApi, sdk: SdkGlobals, metrics: HostMetrics) {
    this.#api = api;
    // A copy, because the API changes the object when providers are registered or removed.
    this.#sdk = { ...sdk };
    this.#tracer = sdk.trace === undefined ? undefined : api.trace.getTracer(SCOPE);
    this.#metrics = sdk.metrics === undefined ? undefined : createCallMetrics(api.metrics.getMeter(SCOPE), metrics);
  }

  /** Whether these are the providers that the tracer uses. */
  uses(sdk: SdkGlobals): boolean {
    return sdk.trace === this.#sdk.trace && sdk.metrics === this.#sdk.metrics;
  }

  start(call: CallInfo): CallTrace {
    const { context, SpanKind, trace } = this.#api;
    const parent = context.active();
    if (this.#tracer === undefined) return new TracedCall(call, undefined, this.#metrics, parent, this.#api);
    const attributes: Attributes = {
      [ATTRIBUTE.pool]: call.pool,
      [ATTRIBUTE.tool]: call.tool,
      [ATTRIBUTE.call]: call.correlationId,
    };
    if (call.sessionId !== undefined) attributes[ATTRIBUTE.session] = call.sessionId;
    const name = `snakepit.${call.streaming ? "stream" : "execute"} ${call.tool}`;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    return new TracedCall(call, span, this.#metrics, trace.setSpan(parent, span), this.#api);
  }

  release(): void {
    this.#metrics?.release();
  }
}

/** A call with a span, metrics, or both. */
class TracedCall implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #call: CallInfo;
  readonly #span: Span | undefined;
  readonly #metrics: CallMetrics | undefined;
  readonly #context: Context;
  readonly #api: OpenTelemetryApi;
  readonly #startedAt = performance.now();

  /** @param measured the context of measurements, which contains the span so that they can be linked to it. */
  constructor(
    call: CallInfo,
    span: Span | undefined,
    callMetrics: CallMetrics | undefined,
    measured: Context,
    api: OpenTelemetryApi,
  ) {
    this.traceparent = span === undefined ? undefined : traceparentOf(span.spanContext());
    this.#call = call;
    this.#span = span;
    this.#metrics = callMetrics;
    this.#context = measured;
    this.#api = api;
  }

  dispatched(workerId: string): void {
    const queueMs = performance.now() - this.#startedAt;
    if (this.#span?.isRecording()) {
      this.#span.setAttribute(ATTRIBUTE.worker, workerId);
      this.#span.setAttribute(ATTRIBUTE.queueMs, queueMs);
      this.#span.addEvent(DISPATCHED_EVENT);
    }
    this.#metrics?.dispatched(this.#call, queueMs, this.#context);
  }

  executed(executionMs: ExecutionMs): void {
    if (executionMs !== undefined) this.#metrics?.executed(this.#call, executionMs, this.#context);
  }

  ended(error?: SnakepitError): void {
    if (this.#span !== undefined) {
      if (error !== undefined && this.#span.isRecording()) recordError(this.#span, error, this.#api);
      this.#span.end();
    }
    this.#metrics?.ended(this.#call, performance.now() - this.#startedAt, error, this.#context);
  }
}

function recordError(span: Span, error: SnakepitError, { SpanStatusCode }: OpenTelemetryApi): void {
  const { python } = error;
  span.recordException(
    python === undefined
      ? { name: error.code, message: error.message, stack: error.stack ?? "" }
      : { name: `${python.module}.${python.type}`, message: python.message, stack: python.traceback },
  );
  span.setAttribute(ATTRIBUTE.errorType, error.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}

const INVALID_TRACE_ID = "0".repeat(32);

/**
 * Returns the W3C `traceparent` of a span (https://www.w3.org/TR/trace-context/#traceparent-header), if its IDs are
 * valid.
 */
function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string | undefined {
  if (traceId === INVALID_TRACE_ID) return undefined;
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`;
}
