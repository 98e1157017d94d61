import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { TraceLocation } from "../ids/traceparent.ts";
import type { WorkerEvent, WorkerSpan } from "./worker-telemetry.ts";

/** Milliseconds that the worker spent on a call, without waiting; `undefined` if it did not report them. */
export type ExecutionMs = number | undefined;

/** Traces one call. */
export interface CallTrace {
  /** W3C trace context for the tool; `undefined` if the call is not traced. */
  readonly traceparent: string | undefined;
  /** The call was sent to a worker. `now`: the time on the monotonic clock, if the caller knows it. */
  dispatched(workerId: string, now?: number): void;
  /** The worker had not started the call, which waits for another worker. */
  returned?(): void;
  /** A chunk has arrived. `outstanding` is the number of chunks that the worker may still send. */
  chunk?(byteLength: number, outstanding: number): void;
  /** The worker may send more chunks. */
  granted?(): void;
  /** The worker has answered a call whose caller waits, in `executionMs` milliseconds, if it reports them. */
  executed?(executionMs: ExecutionMs): void;
  /** The call has ended for the caller. Called once; without `error` if it succeeded. */
  ended(error?: SnakepitError): void;
  /** The worker has reported spans, each after its parent. May be called after {@link ended}. */
  workerSpans?(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void;
  /** Returns where a span of the worker, which it has reported, is in the trace. */
  locate?(spanId: string): TraceLocation | undefined;
  /** The worker has answered the call or has ended, and reports no further spans. Called after {@link ended}. */
  workerEnded?(): void;
}
