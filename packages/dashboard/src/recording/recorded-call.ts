import type { CallInfo, CallTrace, SnakepitError, WorkerSpan } from "@snakepit/core";
import type { CallError, CallPhases, CallRecord, PythonSpan } from "../contract/calls.ts";

/** Receives the calls that have ended, and the spans of active calls. */
export interface CallSink {
  addSpan(correlationId: string, span: PythonSpan): void;
  record(call: RecordedCall, error: SnakepitError | undefined): void;
}

/** A call while it runs, and its record afterwards: the only object that is allocated for a call. */
export class RecordedCall implements CallTrace {
  readonly traceparent = undefined;
  readonly pool: string;
  readonly tool: string;
  readonly correlationId: string;
  readonly #streaming: boolean;
  readonly #sessionId: string | undefined;
  readonly startedAt = performance.now();
  durationMs = 0;
  error: CallError | undefined;
  spans: readonly PythonSpan[] | undefined;
  workerId: string | undefined;
  #dispatchedAt = 0;
  #executionMs: number | undefined;
  /** How many spans contain each span, by its ID. */
  #depths: Map<string, number> | undefined;
  readonly #sink: CallSink;

  constructor(info: CallInfo, sink: CallSink) {
    // Not the object itself, which may hold the arguments of the call.
    this.pool = info.pool;
    this.tool = shortened(info.tool);
    this.correlationId = info.correlationId;
    this.#streaming = info.streaming;
    this.#sessionId = info.sessionId;
    this.#sink = sink;
  }

  /** A call that is sent again counts from its last dispatch; the time before was spent waiting. */
  dispatched(workerId: string): void {
    this.workerId = workerId;
    this.#dispatchedAt = performance.now();
  }

  /** The worker has reported how long it executed the call, in milliseconds. */
  executed(executionMs: number | undefined): void {
    this.#executionMs = executionMs;
  }

  /** Records the spans that have ended. That of the execution is a phase of the call. */
  workerSpans(spans: readonly WorkerSpan[]): void {
    for (const { spanId, parentId, name, startUs, endUs, isExecution } of spans) {
      const depth = isExecution ? -1 : (this.#depths?.get(parentId ?? "") ?? -1) + 1;
      this.#depths ??= new Map();
      this.#depths.set(spanId, depth);
      if (isExecution || endUs === undefined) continue;
      const span = { name, startedAt: startUs / 1_000, durationMs: (endUs - startUs) / 1_000, depth };
      this.#sink.addSpan(this.correlationId, span);
    }
  }

  ended(error?: SnakepitError): void {
    this.durationMs = performance.now() - this.startedAt;
    this.#sink.record(this, error);
  }

  /** Returns the record as data. */
  toRecord(): CallRecord {
    const { correlationId, pool, tool } = this;
    const sessionId = this.#sessionId;
    return {
      correlationId,
      pool,
      tool,
      streaming: this.#streaming,
      ...(sessionId !== undefined && { sessionId }),
      ...(this.workerId !== undefined && { workerId: this.workerId }),
      startedAt: Math.round(performance.timeOrigin + this.startedAt),
      durationMs: rounded(this.durationMs),
      phases: this.#phases(),
      ...(this.error !== undefined && { error: this.error }),
      ...(this.spans !== undefined && { spans: this.spans }),
    };
  }

  #phases(): CallPhases {
    if (this.workerId === undefined) return { queueMs: rounded(this.durationMs), executionMs: 0 };
    const queueMs = this.#dispatchedAt - this.startedAt;
    const atWorkerMs = this.durationMs - queueMs;
    if (this.#executionMs === undefined) return { queueMs: rounded(queueMs), executionMs: rounded(atWorkerMs) };
    // The clock of the worker may run slightly faster.
    const executionMs = Math.min(this.#executionMs, atWorkerMs);
    return {
      queueMs: rounded(queueMs),
      transportMs: rounded(atWorkerMs - executionMs),
      executionMs: rounded(executionMs),
    };
  }
}

/** The longest name of a tool that is kept. Those of tools are shorter, but callers can use any. */
const MOST_NAME_CHARACTERS = 128;

function shortened(name: string): string {
  return name.length <= MOST_NAME_CHARACTERS ? name : `${name.slice(0, MOST_NAME_CHARACTERS - 1)}…`;
}

/** Microseconds are enough, and shorter to send. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
