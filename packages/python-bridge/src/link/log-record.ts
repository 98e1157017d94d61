import { type Log, LogLevel, LogSource } from "@snakepit/bridge-proto";
import type { WorkerLogRecord } from "@snakepit/core";

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

/** Converts a Log frame to a log record. */
export function recordOfLog(
  log: Log,
  worker: { readonly pool: string; readonly workerId: string },
  correlationId: string | undefined,
): WorkerLogRecord {
  return {
    pool: worker.pool,
    workerId: worker.workerId,
    source: SOURCES[log.source] ?? "logging",
    level: LEVELS[log.level] ?? "info",
    ...(log.logger === "" ? {} : { logger: log.logger }),
    message: log.message,
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
