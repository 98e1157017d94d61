import type { Logger } from "@snakepit/core";

/**
 * Returns the default logger, which writes one line to stderr for each record. Output of a worker is prefixed with the
 * ID of the worker. Debug records of the host are omitted.
 */
export function stderrLogger(write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  const writer = (level: string) => (facts: object, message: string) => {
    const { workerId, source, logger } = facts as { workerId?: string; source?: string; logger?: string };
    if (source === undefined) {
      if (level !== "DEBUG") write(`[snakepit] ${level} ${message}\n`);
      return;
    }
    const from = source === "logging" ? `${level} ${logger ?? "root"}: ` : "";
    write(`[${workerId}] ${from}${message}\n`);
  };
  return { debug: writer("DEBUG"), info: writer("INFO"), warn: writer("WARN"), error: writer("ERROR") };
}

/** Returns a logger that never throws. The first error of `logger` is reported as a process warning. */
export function guardedLogger(logger: Logger): Logger {
  let failed = false;
  const guard = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      logger[level](facts, message);
    } catch (thrown) {
      if (failed) return;
      failed = true;
      process.emitWarning(`the logger failed and records are lost: ${String(thrown)}`, "SnakepitWarning");
    }
  };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}
