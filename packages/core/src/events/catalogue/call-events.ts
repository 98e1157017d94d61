import { bytes, CALL, type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

const ATTEMPTS_SHARE_AN_ID = "Each attempt of a call that is retried has these events, with the same correlation ID.";

/** Events of calls, their streams and the queue. Calls that are rejected before they reach a pool have none. */
export const CALL_EVENTS = {
  "call.started": {
    text: `A pool has received a call, which it executes, queues or rejects. ${ATTEMPTS_SHARE_AN_ID}`,
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      streaming: field("boolean", "Whether the caller expects chunks."),
      parentId: optional(
        field("string", "Correlation ID of the call that made this one through a host tool; absent for other calls."),
      ),
    },
  },
  "call.dispatched": {
    text: "A worker executes the call. Emitted again if the worker had not started it and another one takes it.",
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      workerId: FIELDS.workerId,
      queueMs: milliseconds("Time since `call.started`."),
    },
  },
  "call.ended": {
    text: "A call has ended for its caller. Emitted once for each `call.started`.",
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      workerId: optional(field("string", "ID of the worker; absent if none executed the call.")),
      queueMs: milliseconds("Time until a worker executed the call, or until the call ended without a worker."),
      executionMs: optional(
        milliseconds(
          "Time that the worker spent on the call; absent if it did not report one, for example because it died.",
        ),
      ),
      durationMs: milliseconds("Time since `call.started`."),
      error: optional(field("error", "The error; its `code` is the reason. Absent for a successful call.")),
    },
  },
  "call.retried": {
    text: "A call that may be executed twice (`idempotent`) has failed and is executed again after `delayMs`; 0: at once.",
    stability: "stable",
    fields: {
      ...CALL,
      attempt: field("integer", "Number of the attempt that follows: 2 for the first retry."),
      delayMs: milliseconds("Delay before this attempt."),
      error: field("error", "The error of the failed attempt."),
    },
  },
  "call.poisoned": {
    text: "A call has ended several workers; from now on, calls with the same arguments are rejected (`POISON_CALL`).",
    stability: "stable",
    fields: {
      ...CALL,
      correlationId: field("string", "Correlation ID of the last of these calls."),
      crashes: field("integer", "Number of workers that ended."),
      exit: field("exit", "How the last one ended."),
    },
  },
  "stream.started": {
    text: "A worker executes a call that yields chunks.",
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      workerId: FIELDS.workerId,
      credit: field("integer", "Number of chunks that the worker may send before the caller has read one."),
    },
  },
  "stream.ended": {
    text: "A stream has ended: its last chunk has arrived, it has failed, or its caller has left it.",
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      workerId: FIELDS.workerId,
      chunks: field("integer", "Number of chunks that have arrived."),
      bytes: bytes("Their size on the wire."),
      firstChunkMs: optional(milliseconds("Time from `stream.started` to the first chunk; absent without a chunk.")),
      creditWaits: field("integer", "How often the worker had to wait because the caller had not read its chunks."),
      creditWaitMs: milliseconds(
        "Total of these waits: from the arrival of the last permitted chunk to the next credit.",
      ),
      durationMs: milliseconds("Time since `stream.started`."),
      error: optional(field("error", "The error; absent for a stream that ended or that its caller left.")),
    },
  },
  "queue.entered": {
    text: "A call waits.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...CALL,
      reason: field("QueueReason", "Why it waits."),
      queued: field("integer", "Number of queued calls, as in `stats()`."),
    },
  },
  "queue.timeout": {
    text: "A call has waited for its `queueTimeoutMs` and fails with `QUEUE_TIMEOUT`.",
    stability: "stable",
    isOnDemand: true,
    fields: {
      ...CALL,
      timeoutMs: milliseconds("The longest time that the call may wait."),
      queued: field("integer", "Number of queued calls, this one included."),
      workers: field("integer", "Number of ready workers."),
    },
  },
} as const satisfies EventTable;
