import { bytes, type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

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
    text: "The garbage collector of a worker has run.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      generation: field("integer", "The oldest generation that was collected."),
      durationMs: milliseconds("Duration of the collection."),
      collected: field("integer", "Number of collected objects."),
      uncollectable: field("integer", "Number of objects that could not be collected."),
      correlationId: optional(field("string", "Correlation ID of the call during which it ran; absent without one.")),
    },
  },
  "python.event": {
    text: "Python code has called `emit()`.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...WORKER,
      event: field("string", "The name that was passed to `emit()`."),
      measurements: field("numbers", "The measurements, by name."),
      metadata: field("object", "The metadata."),
      correlationId: optional(field("string", "Correlation ID of the call that emitted it; absent outside of calls.")),
      sessionId: optional(field("string", "ID of the session of this call; absent without one.")),
    },
  },
} as const satisfies EventTable;
