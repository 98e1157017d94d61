import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { CallInfo, TraceLocation, WorkerEvent, WorkerSpan } from "@snakepit/core";
import type { OpenTelemetryApi } from "./api.ts";
import { ATTRIBUTE, SPAN } from "./conventions.ts";
import type { Period, SpanClock } from "./span-clock.ts";

/** A span that was created for one of the worker. */
interface CreatedSpan {
  readonly span: Span;
  /** The parent of its children. */
  readonly context: Context;
  isOpen: boolean;
}

/** Creates the spans of one call that its worker has recorded. They get other IDs: an SDK chooses those itself. */
export class WorkerSpans {
  readonly #api: OpenTelemetryApi;
  readonly #tracer: Tracer;
  readonly #call: CallInfo;
  readonly #callSpan: Span;
  readonly #context: Context;
  readonly #clock: SpanClock;
  readonly #created = new Map<string, CreatedSpan>();
  #execution: { readonly start: number; end: number | undefined } | undefined;
  #isExported = false;

  /** @param context the context with the span of the call. */
  constructor(
    api: OpenTelemetryApi,
    tracer: Tracer,
    call: CallInfo,
    callSpan: Span,
    context: Context,
    clock: SpanClock,
  ) {
    this.#api = api;
    this.#tracer = tracer;
    this.#call = call;
    this.#callSpan = callSpan;
    this.#context = context;
    this.#clock = clock;
  }

  /** When the execution began and ended, as `performance.now()`; `undefined` if it did not, or if that is unknown. */
  get execution(): Period | undefined {
    const execution = this.#execution;
    return execution?.end === undefined ? undefined : { start: execution.start, end: execution.end };
  }

  /**
   * Creates spans, adds events to them and ends those that have ended.
   *
   * @param spans each after its parent.
   * @param window the time in which the worker had the call, as `performance.now()`.
   * @param workerId the worker, if it is known.
   */
  add(
    spans: readonly WorkerSpan[],
    events: readonly WorkerEvent[],
    window: Period,
    workerId: string | undefined,
  ): void {
    for (const span of spans) {
      if (span.isExecution) this.#clock.align(span.startUs, span.endUs ?? span.startUs, window);
      if (span.isExported) this.#isExported = true;
      else if (!this.#created.has(span.spanId)) this.#create(span, workerId);
    }
    for (const event of events) this.#addEvent(event);
    for (const span of spans) {
      if (span.isExecution) this.#execution = this.#periodOf(span);
      if (span.endUs !== undefined && !span.isExported) this.#end(span, span.endUs);
    }
  }

  /** Returns where a span of the worker is; that of the call if the span was dropped. */
  locate(spanId: string): TraceLocation | undefined {
    const created = this.#created.get(spanId);
    // The worker's SDK has exported it under this ID.
    if (created === undefined && (this.#isExported || this.#created.size === 0)) return undefined;
    const context = (created?.span ?? this.#callSpan).spanContext();
    return { traceId: context.traceId, spanId: context.spanId };
  }

  /** Ends the spans that are open: the worker has answered the call, or has ended. */
  endOpen(): void {
    for (const created of this.#created.values()) {
      if (!created.isOpen) continue;
      created.isOpen = false;
      created.span.setAttribute(ATTRIBUTE.unfinished, true);
      created.span.end(this.#clock.at(performance.now()));
    }
  }

  #create(record: WorkerSpan, workerId: string | undefined): void {
    const parent = (record.parentId === undefined ? undefined : this.#created.get(record.parentId)) ?? undefined;
    const context = parent?.context ?? this.#context;
    const name = record.isExecution ? `${SPAN.python} ${this.#call.tool}` : record.name;
    const attributes: Attributes = record.isExecution ? this.#executionAttributes(workerId) : {};
    const startTime = this.#clock.at(this.#clock.ofWorker(record.startUs));
    const span = this.#tracer.startSpan(name, { attributes, startTime }, context);
    this.#created.set(record.spanId, { span, context: this.#api.trace.setSpan(context, span), isOpen: true });
  }

  #executionAttributes(workerId: string | undefined): Attributes {
    const { pool, tool, correlationId } = this.#call;
    return {
      [ATTRIBUTE.pool]: pool,
      [ATTRIBUTE.tool]: tool,
      [ATTRIBUTE.call]: correlationId,
      ...(workerId !== undefined && { [ATTRIBUTE.worker]: workerId }),
    };
  }

  #addEvent({ name, timeUs, measurements, metadata, spanId }: WorkerEvent): void {
    // The SDK of the worker has the event.
    if (this.#isExported) return;
    const created = spanId === undefined ? undefined : this.#created.get(spanId);
    const span = created?.isOpen === true ? created.span : this.#callSpan;
    const attributes = { ...metadata, ...measurements } as Attributes;
    span.addEvent(name, attributes, this.#clock.at(this.#clock.ofWorker(timeUs)));
  }

  #end(record: WorkerSpan, endUs: number): void {
    const created = this.#created.get(record.spanId);
    if (created?.isOpen !== true) return;
    created.isOpen = false;
    const { span } = created;
    const endTime = this.#clock.at(this.#clock.ofWorker(endUs));
    span.setAttributes(record.attributes as Attributes);
    if (record.error !== undefined) {
      const { type, message } = record.error;
      span.recordException({ name: type, message }, endTime);
      span.setAttribute(ATTRIBUTE.errorType, type);
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
    }
    span.end(endTime);
  }

  #periodOf({ startUs, endUs }: WorkerSpan): { start: number; end: number | undefined } {
    const start = this.#clock.ofWorker(startUs);
    return { start, end: endUs === undefined ? undefined : this.#clock.ofWorker(endUs) };
  }
}
