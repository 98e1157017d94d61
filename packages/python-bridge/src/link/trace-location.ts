import { readTraceparent, type TraceLocation, type WorkerCall } from "@snakepit/core";

/**
 * Returns where a span of a worker is in the trace of its call.
 *
 * @param spanId a span that the worker has reported, or that its own SDK exports; the call itself by default.
 */
export function locationIn(call: WorkerCall, spanId: string | undefined): TraceLocation | undefined {
  const found = spanId === undefined || spanId === "" ? undefined : call.trace?.locate?.(spanId);
  if (found !== undefined) return found;
  const context = readTraceparent(call.traceparent);
  return context && { traceId: context.traceId, spanId: context.spanId };
}

/**
 * Returns the trace context of a request or record of a worker, in terms of the exported spans.
 *
 * @param traceparent the one that the worker has sent; that of the call by default.
 */
export function contextIn(call: WorkerCall | undefined, traceparent: string | undefined): string | undefined {
  const sent = readTraceparent(traceparent);
  if (sent === undefined) return call?.traceparent;
  const found = call?.trace?.locate?.(sent.spanId);
  if (found === undefined) return traceparent;
  return `00-${found.traceId}-${found.spanId}-${sent.traceFlags.toString(16).padStart(2, "0")}`;
}
