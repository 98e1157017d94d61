import type { SnakepitError } from "../errors/snakepit-error.ts";
import type { TraceLocation } from "../ids/traceparent.ts";
import type { WorkerEvent, WorkerSpan } from "./worker-telemetry.ts";

/** Traces one call. */
export interface CallTrace {
  /** W3C trace context for the tool; `undefined` if the call is not traced. */
  readonly traceparent: string | undefined;
  /** The call was sent to a worker. */
  dispatched(workerId: string): void;
  /** The call has ended for the caller. Called once; without `error` if it succeeded. */
  ended(error?: SnakepitError): void;
  /** The worker has reported spans, each after its parent. May be called after {@link ended}. */
  workerSpans?(spans: readonly WorkerSpan[], events: readonly WorkerEvent[]): void;
  /** Returns where a span of the worker, which it has reported, is in the trace. */
  locate?(spanId: string): TraceLocation | undefined;
  /** The worker has answered the call or has ended, and reports no further spans. Called after {@link ended}. */
  workerEnded?(): void;
}
