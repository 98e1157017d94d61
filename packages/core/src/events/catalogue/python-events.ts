import { bytes, CALL, type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

const WORKER = { pool: FIELDS.pool, workerId: FIELDS.workerId } as const;

/** Events from inside of the Python processes. */
export const PYTHON_EVENTS = {
  "python.memory": {
    text: "A worker has reported its memory, with a heartbeat.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      rssBytes: bytes("Resident memory of the process."),
      active: field("integer", "Number of active calls."),
    },
  },
  "python.gc": {
    text: "The garbage collector of a worker has run; only with the setting `gc`.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      generation: field("integer", "The oldest generation that was collected."),
      startedAt: clock("When it began"),
      durationMs: milliseconds("Duration of the collection."),
      collected: field("integer", "Number of collected objects."),
      uncollectable: field("integer", "Number of objects that could not be collected."),
    },
  },
  "python.event": {
    text: "Python code has called `emit()`. In a call, the event precedes the result.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      event: field("string", "The name that was passed to `emit()`."),
      measurements: field("numbers", "The measurements, by name."),
      metadata: field("object", "The metadata."),
      emittedAt: clock("When it was emitted"),
      tool: optional(field("string", "Name of the tool that emitted it; absent outside of calls.")),
      correlationId: optional(field("string", "Correlation ID of the call that emitted it; absent outside of calls.")),
      sessionId: optional(field("string", "ID of the session of this call; absent without one.")),
      traceId: optional(field("string", "ID of the trace of this call; absent if it was not traced.")),
      spanId: optional(field("string", "ID of the span in which it was emitted; absent without a trace.")),
    },
  },
  "python.span": {
    text: "A span of a tool has ended, or the execution of a call. Precedes the result of the call.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      ...CALL,
      span: field("string", "The name that was passed to `span()`; for the execution, that of the tool."),
      id: field("string", "ID of the span, unique in the call."),
      parentId: optional(field("string", "ID of the span that contains it; absent for the execution.")),
      isExecution: field("boolean", "Whether it is the execution of the call."),
      startedAt: clock("When it began"),
      durationMs: milliseconds("Duration of the span."),
      attributes: field("object", "The attributes."),
      errorType: optional(field("string", "Type of the exception that has left the span; absent without one.")),
      errorMessage: optional(field("string", "Message of this exception.")),
    },
  },
  "python.dropped": {
    text: "Spans and events of a worker were dropped, because there were more than `pythonTelemetry.maxPerSecond`.",
    stability: "experimental",
    fields: {
      ...WORKER,
      spans: field("integer", "Number of dropped spans."),
      events: field("integer", "Number of dropped events."),
    },
  },
} as const satisfies EventTable;

/** A time in Python, in the unit of `Date.now()`. */
function clock(what: string) {
  return field("number", `${what}, in milliseconds since 1970, on the clock of the worker.`);
}
