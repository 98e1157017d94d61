import type { Attributes, Context, Span, SpanContext, Tracer } from "@opentelemetry/api";
import {
  type CallInfo,
  type CallTrace,
  type ExecutionMs,
  type HostToolInfo,
  type HostToolTrace,
  readTraceparent,
  type SnakepitError,
  type TraceLocation,
  toSnakepitError,
  type WorkerEvent,
  type WorkerSpan,
} from "@snakepit/core";
import type { HostMetrics } from "../metrics/host-metrics.ts";
import type { OpenTelemetryApi, SdkGlobals } from "./api.ts";
import { type CallMetrics, createCallMetrics } from "./call-metrics.ts";
import { ATTRIBUTE, DISPATCHED_EVENT, SCOPE, SPAN } from "./conventions.ts";
import { SpanClock } from "./span-clock.ts";
import { WorkerSpans } from "./worker-spans.ts";

/** Traces and measures calls with the providers that were registered at its creation. */
export class CallTracer {
  readonly #api: OpenTelemetryApi;
  readonly #sdk: SdkGlobals;
  readonly #tracer: Tracer | undefined;
  readonly #metrics: CallMetrics | undefined;

  /** @param onFailure is called with what an instrument has thrown outside of a call. */
  constructor(api: OpenTelemetryApi, sdk: SdkGlobals, metrics: HostMetrics, onFailure: (thrown: unknown) => void) {
    this.#api = api;
    // A copy, because the API changes the object when providers are registered or removed.
    this.#sdk = { ...sdk };
    this.#tracer = sdk.trace === undefined ? undefined : api.trace.getTracer(SCOPE);
    this.#metrics =
      sdk.metrics === undefined ? undefined : createCallMetrics(api.metrics.getMeter(SCOPE), metrics, onFailure);
  }

  /** Whether these are the providers that the tracer uses. */
  uses(sdk: SdkGlobals): boolean {
    return sdk.trace === this.#sdk.trace && sdk.metrics === this.#sdk.metrics;
  }

  /** Whether spans are exported. */
  get traces(): boolean {
    return this.#tracer !== undefined;
  }

  start(call: CallInfo): CallTrace {
    const { SpanKind, trace } = this.#api;
    const parent = parentOf(call.callerTraceparent, this.#api);
    const clock = new SpanClock();
    if (this.#tracer === undefined) return new TracedCall(call, clock, undefined, this.#metrics, parent, this.#api);
    const attributes: Attributes = {
      [ATTRIBUTE.pool]: call.pool,
      [ATTRIBUTE.tool]: call.tool,
      [ATTRIBUTE.call]: call.correlationId,
    };
    if (call.sessionId !== undefined) attributes[ATTRIBUTE.session] = call.sessionId;
    const name = `${call.streaming ? SPAN.stream : SPAN.execute} ${call.tool}`;
    const options = { kind: SpanKind.CLIENT, attributes, startTime: clock.startTime };
    const span = this.#tracer.startSpan(name, options, parent);
    const traced = { span, tracer: this.#tracer };
    return new TracedCall(call, clock, traced, this.#metrics, trace.setSpan(parent, span), this.#api);
  }

  /** Starts to trace a host tool; `undefined` if spans are not exported. */
  startHostTool(call: HostToolInfo): HostToolTrace | undefined {
    if (this.#tracer === undefined) return undefined;
    const { context, trace } = this.#api;
    // The active span is that of the code which has opened the connection of the worker.
    const active = trace.deleteSpan(context.active());
    const caller = call.traceparent === undefined ? undefined : readTraceparent(call.traceparent);
    const parent = caller === undefined ? active : trace.setSpanContext(active, { ...caller, isRemote: true });
    const attributes: Attributes = { [ATTRIBUTE.hostTool]: call.tool, [ATTRIBUTE.call]: call.correlationId };
    if (call.pool !== undefined) attributes[ATTRIBUTE.pool] = call.pool;
    if (call.workerId !== undefined) attributes[ATTRIBUTE.worker] = call.workerId;
    const clock = new SpanClock();
    const options = { attributes, startTime: clock.startTime };
    const span = this.#tracer.startSpan(`${SPAN.hostTool} ${call.tool}`, options, parent);
    const inside = trace.setSpan(parent, span);
    return {
      traceparent: traceparentOf(span.spanContext()),
      run: (work) => context.with(inside, work),
      ended: (error) => {
        const endTime = clock.at(performance.now());
        if (error !== undefined && span.isRecording()) {
          recordError(span, toSnakepitError(error, "HOST_TOOL_EXCEPTION"), endTime, this.#api);
        }
        span.end(endTime);
      },
    };
  }

  release(): void {
    this.#metrics?.release();
  }
}

/**
 * Returns the context that a span belongs to: the active one, unless the caller has passed a trace context of another
 * trace.
 */
function parentOf(traceparent: string | undefined, { context, trace }: OpenTelemetryApi): Context {
  const active = context.active();
  const caller = traceparent === undefined ? undefined : readTraceparent(traceparent);
  if (caller === undefined || trace.getSpanContext(active)?.traceId === caller.traceId) return active;
  return trace.setSpanContext(active, { ...caller, isRemote: true });
}

/** A call with a span, metrics, or both. */
class TracedCall implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #call: CallInfo;
  readonly #clock: SpanClock;
  readonly #traced: { readonly span: Span; readonly tracer: Tracer } | undefined;
  readonly #metrics: CallMetrics | undefined;
  readonly #context: Context;
  readonly #api: OpenTelemetryApi;
  #dispatchedAt: number | undefined;
  #workerId: string | undefined;
  /** Created for the first report of the worker. */
  #workerSpans: WorkerSpans | undefined;

  /** @param context the context of measurements, which contains the span so that they can be linked to it. */
  constructor(
    call: CallInfo,
    clock: SpanClock,
    traced: { readonly span: Span; readonly tracer: Tracer } | undefined,
    callMetrics: CallMetrics | undefined,
    context: Context,
    api: OpenTelemetryApi,
  ) {
    this.traceparent = traced === undefined ? undefined : traceparentOf(traced.span.spanContext());
    this.#call = call;
    this.#clock = clock;
    this.#traced = traced;
    this.#metrics = callMetrics;
    this.#context = context;
    this.#api = api;
  }

  /** Reads the clock: the time that the pool knows may be earlier than the start of the span, which read it too. */
  dispatched(workerId: string): void {
    const now = performance.now();
    const queueMs = now - this.#clock.startedAt;
    this.#dispatchedAt = now;
    this.#workerId = workerId;
    const span = this.#traced?.span;
    if (span?.isRecording()) {
      span.setAttribute(ATTRIBUTE.worker, workerId);
      span.setAttribute(ATTRIBUTE.queueMs, queueMs);
      span.addEvent(DISPATCHED_EVENT, this.#clock.at(now));
    }
    this.#metrics?.dispatched(this.#call, queueMs, this.#context);
  }

  workerSpans(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void {
    if (this.#traced === undefined) return;
    const { span, tracer } = this.#traced;
    this.#workerSpans ??= new WorkerSpans(this.#api, tracer, this.#call, span, this.#context, this.#clock);
    const window = { start: this.#dispatchedAt ?? this.#clock.startedAt, end: performance.now() };
    this.#workerSpans.add(spans, events, window, this.#workerId);
  }

  locate(spanId: string): TraceLocation | undefined {
    return this.#workerSpans?.locate(spanId);
  }

  workerEnded(): void {
    this.#workerSpans?.endOpen();
  }

  executed(executionMs: ExecutionMs): void {
    if (executionMs !== undefined) this.#metrics?.executed(this.#call, executionMs, this.#context);
  }

  ended(error?: SnakepitError): void {
    const now = performance.now();
    if (this.#traced !== undefined) {
      const { span } = this.#traced;
      const endTime = this.#clock.at(now);
      if (span.isRecording()) {
        if (error !== undefined) recordError(span, error, endTime, this.#api);
        this.#addParts(this.#traced.tracer, now);
      }
      span.end(endTime);
    }
    this.#metrics?.ended(this.#call, now - this.#clock.startedAt, error, this.#context);
  }

  /** Adds the spans of the queue and, if the worker has reported its times, of the transport. */
  #addParts(tracer: Tracer, now: number): void {
    const add = (name: string, start: number, end: number, attributes: Attributes) => {
      const startTime = this.#clock.at(start);
      tracer.startSpan(name, { startTime, attributes }, this.#context).end(this.#clock.at(Math.max(start, end)));
    };
    const { pool } = this.#call;
    const execution = this.#workerSpans?.execution;
    // A call that was sent ahead may begin before the host knows it.
    const dispatchedAt = Math.min(this.#dispatchedAt ?? now, execution?.start ?? now);
    add(SPAN.queue, this.#clock.startedAt, dispatchedAt, { [ATTRIBUTE.pool]: pool });
    if (execution === undefined) return;
    add(SPAN.transport, dispatchedAt, execution.start, { [ATTRIBUTE.direction]: "transmit" });
    add(SPAN.transport, execution.end, now, { [ATTRIBUTE.direction]: "receive" });
  }
}

function recordError(span: Span, error: SnakepitError, time: number, { SpanStatusCode }: OpenTelemetryApi): void {
  const { python } = error;
  span.recordException(
    python === undefined
      ? { name: error.code, message: error.message, stack: error.stack ?? "" }
      : { name: `${python.module}.${python.type}`, message: python.message, stack: python.traceback },
    time,
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
