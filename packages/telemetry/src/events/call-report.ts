import type {
  CallInfo,
  CallTrace,
  ExecutionMs,
  SnakepitError,
  TraceLocation,
  WorkerEvent,
  WorkerSpan,
} from "@snakepit/core";
import type { EventChannels } from "./event-listeners.ts";

/** Emits the events of one call, and passes what happens to its trace, if it has one. */
export class CallReport implements CallTrace {
  readonly traceparent: string | undefined;
  protected readonly call: CallInfo;
  protected readonly channels: EventChannels;
  readonly #trace: CallTrace | undefined;
  readonly #startedAt: number;
  /** When it left the queue, on the monotonic clock; `undefined` while no worker executes it. */
  #dispatchedAt: number | undefined;
  #workerId: string | undefined;
  #executionMs: ExecutionMs;

  /**
   * @param trace the trace of the call, if it has one.
   * @param now the time on the monotonic clock.
   */
  constructor(call: CallInfo, channels: EventChannels, trace: CallTrace | undefined, now: number) {
    this.traceparent = trace?.traceparent;
    this.call = call;
    this.channels = channels;
    this.#trace = trace;
    this.#startedAt = now;
    const started = channels["call.started"];
    if (!started.isOpen) return;
    const { pool, tool, correlationId, sessionId, streaming, parent } = call;
    const parentId = parent?.correlationId;
    started.emit({ pool, tool, correlationId, sessionId, streaming, parentId });
  }

  dispatched(workerId: string, now = performance.now()): void {
    this.#dispatchedAt = now;
    this.#workerId = workerId;
    this.#trace?.dispatched(workerId, now);
    const channel = this.channels["call.dispatched"];
    if (!channel.isOpen) return;
    const { pool, tool, correlationId, sessionId } = this.call;
    const queueMs = now - this.#startedAt;
    channel.emit({ pool, tool, correlationId, sessionId, workerId, queueMs });
  }

  returned(): void {
    this.#dispatchedAt = undefined;
    this.#workerId = undefined;
    this.#trace?.returned?.();
  }

  executed(executionMs: ExecutionMs): void {
    this.#executionMs = executionMs;
    this.#trace?.executed?.(executionMs);
  }

  chunk(byteLength: number, outstanding: number): void {
    this.#trace?.chunk?.(byteLength, outstanding);
  }

  granted(): void {
    this.#trace?.granted?.();
  }

  ended(error?: SnakepitError): void {
    this.#trace?.ended(error);
    const channel = this.channels["call.ended"];
    if (!channel.isOpen) return;
    const { pool, tool, correlationId, sessionId } = this.call;
    const now = performance.now();
    channel.emit({
      pool,
      tool,
      correlationId,
      sessionId,
      workerId: this.#workerId,
      queueMs: (this.#dispatchedAt ?? now) - this.#startedAt,
      executionMs: this.#executionMs,
      durationMs: now - this.#startedAt,
      error,
    });
  }

  workerSpans(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void {
    this.#trace?.workerSpans?.(spans, events);
  }

  locate(spanId: string): TraceLocation | undefined {
    return this.#trace?.locate?.(spanId);
  }

  workerEnded(): void {
    this.#trace?.workerEnded?.();
  }
}

/** Emits the events of a call that yields chunks. */
export class StreamReport extends CallReport {
  #workerId: string | undefined;
  #startedAt = 0;
  #firstChunkMs: number | undefined;
  #chunks = 0;
  #bytes = 0;
  #creditWaits = 0;
  #creditWaitMs = 0;
  /** Since when the worker has no credit, on the monotonic clock; `undefined` while it has credit. */
  #waitsSince: number | undefined;

  override dispatched(workerId: string, now = performance.now()): void {
    super.dispatched(workerId, now);
    this.#workerId = workerId;
    this.#startedAt = now;
    const channel = this.channels["stream.started"];
    if (!channel.isOpen) return;
    const { pool, tool, correlationId, sessionId, credit = 0 } = this.call;
    channel.emit({ pool, tool, correlationId, sessionId, workerId, credit });
  }

  override returned(): void {
    super.returned();
    this.#workerId = undefined;
  }

  override chunk(byteLength: number, outstanding: number): void {
    super.chunk(byteLength, outstanding);
    this.#chunks += 1;
    this.#bytes += byteLength;
    if (this.#firstChunkMs === undefined) this.#firstChunkMs = performance.now() - this.#startedAt;
    if (outstanding === 0) this.#waitsSince = performance.now();
  }

  override granted(): void {
    super.granted();
    if (this.#waitsSince === undefined) return;
    this.#creditWaits += 1;
    this.#creditWaitMs += performance.now() - this.#waitsSince;
    this.#waitsSince = undefined;
  }

  override ended(error?: SnakepitError): void {
    const channel = this.channels["stream.ended"];
    if (this.#workerId !== undefined && channel.isOpen) {
      const { pool, tool, correlationId, sessionId } = this.call;
      channel.emit({
        pool,
        tool,
        correlationId,
        sessionId,
        workerId: this.#workerId,
        chunks: this.#chunks,
        bytes: this.#bytes,
        firstChunkMs: this.#firstChunkMs,
        creditWaits: this.#creditWaits,
        creditWaitMs: this.#creditWaitMs,
        durationMs: performance.now() - this.#startedAt,
        error,
      });
    }
    super.ended(error);
  }
}
