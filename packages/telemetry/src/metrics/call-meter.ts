import type {
  CallInfo,
  CallTrace,
  ExecutionMs,
  SnakepitError,
  TraceLocation,
  WorkerEvent,
  WorkerSpan,
} from "@snakepit/core";
import type { CounterSeries, HistogramSeries, SeriesTable } from "./series.ts";
import type { ToolNames } from "./tool-names.ts";

const MS = 1_000;

/** Measures the calls and streams of a host. */
export class CallMeter {
  readonly #series: SeriesTable;
  readonly #names: ToolNames;
  /** The series of each tool, by pool and tool: a call needs two lookups. */
  readonly #pools = new Map<string, Map<string, ToolSeries>>();

  constructor(series: SeriesTable, names: ToolNames) {
    this.#series = series;
    this.#names = names;
  }

  /**
   * Measures a call.
   *
   * @param trace the trace of the call, to which everything is passed.
   * @param now the time on the monotonic clock.
   */
  start(call: CallInfo, trace: CallTrace | undefined, now: number): CallTrace {
    return call.streaming ? new MeteredStream(call, this, trace, now) : new MeteredCall(call, this, trace, now);
  }

  /** Returns the series of the tool of a call, given the error of a failed call. */
  seriesOf({ pool, tool }: CallInfo, error?: SnakepitError): ToolSeries {
    let tools = this.#pools.get(pool);
    if (tools === undefined) {
      tools = new Map();
      this.#pools.set(pool, tools);
    }
    const known = error === undefined ? tools.get(tool) : undefined;
    if (known !== undefined) return known;
    const name = this.#names.of(tool, error);
    let series = tools.get(name);
    if (series === undefined) {
      series = new ToolSeries(this.#series, pool, name);
      tools.set(name, series);
    }
    return series;
  }
}

/** How the calls of a tool ended: with one error code, or without an error. */
interface Outcome {
  readonly calls: CounterSeries;
  readonly duration: HistogramSeries;
}

/** The series of one tool of a pool. */
class ToolSeries {
  readonly queue: HistogramSeries;
  readonly execution: HistogramSeries;
  readonly #table: SeriesTable;
  readonly #attributes: { readonly "snakepit.pool": string; readonly "snakepit.tool": string };
  readonly #outcomes = new Map<string | undefined, Outcome>();
  #streams: StreamSeries | undefined;

  constructor(table: SeriesTable, pool: string, tool: string) {
    this.#table = table;
    this.#attributes = { "snakepit.pool": pool, "snakepit.tool": tool };
    this.queue = table.histogram("snakepit.queue.duration", this.#attributes);
    this.execution = table.histogram("snakepit.call.execution.duration", this.#attributes);
  }

  outcome(code: string | undefined): Outcome {
    let outcome = this.#outcomes.get(code);
    if (outcome === undefined) {
      const attributes = this.#with(code);
      outcome = {
        calls: this.#table.counter("snakepit.calls", attributes),
        duration: this.#table.histogram("snakepit.call.duration", attributes),
      };
      this.#outcomes.set(code, outcome);
    }
    return outcome;
  }

  get streams(): StreamSeries {
    this.#streams ??= {
      chunks: this.#table.counter("snakepit.stream.chunks", this.#attributes),
      bytes: this.#table.counter("snakepit.stream.size", this.#attributes),
      creditWait: this.#table.counter("snakepit.stream.credit_wait", this.#attributes),
    };
    return this.#streams;
  }

  firstChunk(seconds: number, traceparent: string | undefined): void {
    this.#table.record("snakepit.stream.first_chunk.duration", this.#attributes, seconds, traceparent);
  }

  streamEnded(code: string | undefined): void {
    this.#table.add("snakepit.streams", this.#with(code));
  }

  #with(code: string | undefined) {
    return code === undefined ? this.#attributes : { ...this.#attributes, "error.type": code };
  }
}

interface StreamSeries {
  readonly chunks: CounterSeries;
  readonly bytes: CounterSeries;
  readonly creditWait: CounterSeries;
}

/** Measures one call, and passes what happens to its trace, if it has one. */
class MeteredCall implements CallTrace {
  readonly traceparent: string | undefined;
  readonly #call: CallInfo;
  readonly #meter: CallMeter;
  protected readonly trace: CallTrace | undefined;
  readonly #startedAt: number;
  /** The trace to which the measured durations refer: that of the call, or without one that of the caller. */
  protected readonly measuredTrace: string | undefined;
  /** The series of its tool, from the moment when a worker received it. */
  #tool: ToolSeries | undefined;

  constructor(call: CallInfo, meter: CallMeter, trace: CallTrace | undefined, now: number) {
    this.traceparent = trace?.traceparent;
    this.#call = call;
    this.#meter = meter;
    this.trace = trace;
    this.#startedAt = now;
    this.measuredTrace = trace?.traceparent ?? call.callerTraceparent;
  }

  dispatched(workerId: string, now = performance.now()): void {
    this.trace?.dispatched(workerId, now);
    this.series.queue.record((now - this.#startedAt) / MS, this.measuredTrace);
  }

  returned(): void {
    this.trace?.returned?.();
  }

  executed(executionMs: ExecutionMs): void {
    this.trace?.executed?.(executionMs);
    if (executionMs !== undefined) this.series.execution.record(executionMs / MS, this.measuredTrace);
  }

  chunk(byteLength: number, outstanding: number): void {
    this.trace?.chunk?.(byteLength, outstanding);
  }

  granted(): void {
    this.trace?.granted?.();
  }

  ended(error?: SnakepitError): void {
    this.trace?.ended(error);
    const tool = error === undefined ? this.series : this.#meter.seriesOf(this.#call, error);
    const { calls, duration } = tool.outcome(error?.code);
    calls.value += 1;
    duration.record((performance.now() - this.#startedAt) / MS, this.measuredTrace);
  }

  workerSpans(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void {
    this.trace?.workerSpans?.(spans, events);
  }

  locate(spanId: string): TraceLocation | undefined {
    return this.trace?.locate?.(spanId);
  }

  workerEnded(): void {
    this.trace?.workerEnded?.();
  }

  protected get series(): ToolSeries {
    this.#tool ??= this.#meter.seriesOf(this.#call);
    return this.#tool;
  }
}

/** Measures a call that yields chunks. */
class MeteredStream extends MeteredCall {
  /** When the worker received it, on the monotonic clock; `undefined` while none executes it. */
  #dispatchedAt: number | undefined;
  #hasChunk = false;
  /** Since when the worker has no credit, on the monotonic clock; `undefined` while it has credit. */
  #waitsSince: number | undefined;

  override dispatched(workerId: string, now = performance.now()): void {
    super.dispatched(workerId, now);
    this.#dispatchedAt = now;
  }

  override returned(): void {
    super.returned();
    this.#dispatchedAt = undefined;
  }

  override chunk(byteLength: number, outstanding: number): void {
    super.chunk(byteLength, outstanding);
    const { series } = this;
    series.streams.chunks.value += 1;
    series.streams.bytes.value += byteLength;
    if (!this.#hasChunk && this.#dispatchedAt !== undefined) {
      this.#hasChunk = true;
      series.firstChunk((performance.now() - this.#dispatchedAt) / MS, this.measuredTrace);
    }
    if (outstanding === 0) this.#waitsSince = performance.now();
  }

  override granted(): void {
    super.granted();
    if (this.#waitsSince === undefined) return;
    this.series.streams.creditWait.value += (performance.now() - this.#waitsSince) / MS;
    this.#waitsSince = undefined;
  }

  override ended(error?: SnakepitError): void {
    super.ended(error);
    if (this.#dispatchedAt !== undefined) this.series.streamEnded(error?.code);
  }
}
