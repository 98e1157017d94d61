import type { Logger } from "@snakepit/core";

/**
 * The default logger: a line on stderr for each record. What a worker printed is written unchanged after the worker's
 * id; records of the level debug that are not a worker's are left out.
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

/** Keeps errors of a logger from its callers; the first one becomes a warning of the process. */
export function guardedLogger(logger: Logger): Logger {
  let failed = false;
  const guard = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      logger[level](facts, message);
    } catch (thrown) {
      if (failed) return;
      failed = true;
      process.emitWarning(`The logger failed and its records are lost: ${String(thrown)}`, "SnakepitWarning");
    }
  };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}
