import { type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

const WORKER = { pool: FIELDS.pool, workerId: FIELDS.workerId } as const;

/** Events of workers and of the processes that start them. */
export const WORKER_EVENTS = {
  "worker.starting": {
    text: "A worker is being started.",
    stability: "stable",
    fields: { ...WORKER, attempt: field("integer", "Number of the attempt, from 1; counts failed starts in a row.") },
  },
  "worker.ready": {
    text: "A worker is ready for calls.",
    stability: "stable",
    fields: { ...WORKER, pid: FIELDS.pid, durationMs: milliseconds("Time since `worker.starting`.") },
  },
  "worker.start-failed": {
    text: "A worker could not be started.",
    stability: "stable",
    fields: { ...WORKER, error: FIELDS.error },
  },
  "worker.exited": {
    text: "The process of a worker that was ready has ended.",
    stability: "stable",
    fields: { ...WORKER, pid: FIELDS.pid, exit: field("exit", "How it ended.") },
  },
  "worker.recycled": {
    text: "A worker was recycled: its replacement is ready, and it has ended.",
    stability: "stable",
    fields: {
      ...WORKER,
      replacementId: field("string", "ID of its replacement."),
      reason: field("RecycleReason", "Why it was replaced."),
      durationMs: milliseconds("Time since the request."),
      uptimeMs: milliseconds("Time from the moment when the worker was ready to its end."),
      requests: field("integer", "Number of calls that the worker has received."),
    },
  },
  "worker.unhealthy": {
    text: "A health check of a worker has failed. The worker is replaced.",
    stability: "stable",
    fields: { ...WORKER, error: FIELDS.error },
  },
  "worker.full": {
    text: "A worker that can execute several calls at the same time executes as many as it can.",
    stability: "stable",
    isOnDemand: true,
    fields: { ...WORKER, capacity: field("integer", "Number of calls that it executes at the same time.") },
  },
  "worker.log": {
    text: "A worker printed a line or logged a record.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      workerId: field("string", "ID of the worker; the name of the pool in a record about all its workers."),
      source: field("WorkerLogSource", "The source."),
      level: field("WorkerLogLevel", "The level; that of a line depends on its source."),
      logger: optional(field("string", "Name of the Python logger; absent for printed lines.")),
      message: field("string", "The line, or the message of the record."),
      correlationId: optional(field("string", "Correlation ID of the active call; absent without one.")),
      sessionId: optional(field("string", "The session of the active call.")),
      thread: optional(field("string", "Name of the Python thread that wrote it; absent for the main thread.")),
      traceId: optional(field("string", "ID of the trace of this call; absent if it was not traced.")),
      spanId: optional(field("string", "ID of the span in which it was written; absent without a trace.")),
    },
  },
  "zygote.ready": {
    text: "The process that forks or spawns the workers of the pool is ready.",
    stability: "stable",
    fields: { pool: FIELDS.pool, pid: FIELDS.pid, durationMs: milliseconds("Time since its start.") },
  },
  "zygote.exited": {
    text: "That process has ended.",
    stability: "stable",
    fields: {
      pool: FIELDS.pool,
      pid: FIELDS.pid,
      requested: field("boolean", "Whether the host ended it, or it reported that it cannot start workers."),
    },
  },
} as const satisfies EventTable;
