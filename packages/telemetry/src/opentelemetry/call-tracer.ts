import {
  type Attributes,
  type Context,
  context,
  metrics,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { CallInfo, CallTrace, SnakepitError } from "@snakepit/core";
import type { SdkGlobals } from "./api-conventions.ts";
import { ATTRIBUTE, DISPATCHED_EVENT, SCOPE } from "./api-conventions.ts";
import { type CallMetrics, createCallMetrics } from "./call-metrics.ts";
import type { PoolCensus } from "./pool-census.ts";

// The one module that loads the OpenTelemetry API; imported when an SDK is there.

/** Follows calls with the providers that were registered when it was made. */
export class CallTracer {
  readonly #sdk: SdkGlobals;
  readonly #tracer: Tracer | undefined;
  readonly #metrics: CallMetrics | undefined;

  constructor(sdk: SdkGlobals, census: PoolCensus) {
    // A copy: the object itself is what providers come to and go from.
    this.#sdk = { ...sdk };
    this.#tracer = sdk.trace === undefined ? undefined : trace.getTracer(SCOPE);
    this.#metrics = sdk.metrics === undefined ? undefined : createCallMetrics(metrics.getMeter(SCOPE), census);
  }

  /** Whether these are still the providers that it was made for. */
  serves(sdk: SdkGlobals): boolean {
    return sdk.trace === this.#sdk.trace && sdk.metrics === this.#sdk.metrics;
  }

  start(call: CallInfo): CallTrace {
    const parent = context.active();
    if (this.#tracer === undefined) return new TracedCall(call, undefined, this.#metrics, parent);
    const attributes: Attributes = {
      [ATTRIBUTE.pool]: call.pool,
      [ATTRIBUTE.tool]: call.tool,
      [ATTRIBUTE.call]: call.correlationId,
    };
    if (call.sessionId !== undefined) attributes[ATTRIBUTE.session] = call.sessionId;
    const name = `snakepit.${call.streaming ? "stream" : "execute"} ${call.tool}`;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    return new TracedCall(call, span, this.#metrics, trace.setSpan(parent, span));
  }

  release(): void {
    this.#metrics?.release();
  }
}

/** A call that is followed by a span, by metrics, or by both. */
class TracedCall implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #call: CallInfo;
  readonly #span: Span | undefined;
  readonly #metrics: CallMetrics | undefined;
  readonly #context: Context;
  readonly #startedAt = performance.now();

  /** @param within holds the span, so that measurements can be linked to it. */
  constructor(call: CallInfo, span: Span | undefined, callMetrics: CallMetrics | undefined, within: Context) {
    this.traceparent = span === undefined ? undefined : traceparentOf(span.spanContext());
    this.#call = call;
    this.#span = span;
    this.#metrics = callMetrics;
    this.#context = within;
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

  ended(error?: SnakepitError): void {
    if (this.#span !== undefined) {
      if (error !== undefined && this.#span.isRecording()) recordError(this.#span, error);
      this.#span.end();
    }
    this.#metrics?.ended(this.#call, performance.now() - this.#startedAt, error, this.#context);
  }
}

function recordError(span: Span, error: SnakepitError): void {
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

/** The W3C header for a span (https://www.w3.org/TR/trace-context/#traceparent-header); `undefined` when it has no valid ids. */
function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string | undefined {
  if (traceId === INVALID_TRACE_ID) return undefined;
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`;
}
