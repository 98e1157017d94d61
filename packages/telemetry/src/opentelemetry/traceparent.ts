import type { SpanContext } from "@opentelemetry/api";

const INVALID_TRACE_ID = "0".repeat(32);

/** The W3C header for a span (https://www.w3.org/TR/trace-context/#traceparent-header); `undefined` when it has no valid ids. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string | undefined {
  if (traceId === INVALID_TRACE_ID) return undefined;
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`;
}
