import { type Log, LogLevel, LogSource } from "@snakepit/bridge-proto";
import { readTraceparent, type WorkerCall, type WorkerLogRecord } from "@snakepit/core";

const LEVELS: Readonly<Record<number, WorkerLogRecord["level"]>> = {
  [LogLevel.DEBUG]: "debug",
  [LogLevel.INFO]: "info",
  [LogLevel.WARN]: "warn",
  [LogLevel.ERROR]: "error",
};

const SOURCES: Readonly<Record<number, WorkerLogRecord["source"]>> = {
  [LogSource.STDOUT]: "stdout",
  [LogSource.STDERR]: "stderr",
  [LogSource.LOGGING]: "logging",
};

/**
 * Converts a Log frame to a log record.
 *
 * @param call the call that was active, if the worker still executes it.
 * @param traceparent the W3C trace context of the span in which it was written.
 */
export function recordOfLog(
  log: Log,
  worker: { readonly pool: string; readonly workerId: string },
  call: WorkerCall | undefined,
  traceparent: string | undefined,
): WorkerLogRecord {
  const context = readTraceparent(traceparent);
  return {
    pool: worker.pool,
    workerId: worker.workerId,
    source: SOURCES[log.source] ?? "logging",
    level: LEVELS[log.level] ?? "info",
    ...(log.logger === "" ? {} : { logger: log.logger }),
    message: log.message,
    ...(call !== undefined && { correlationId: call.correlationId }),
    ...(call?.sessionId !== undefined && { sessionId: call.sessionId }),
    ...(log.thread !== "" && { thread: log.thread }),
    ...(context !== undefined && { traceId: context.traceId, spanId: context.spanId }),
  };
}
