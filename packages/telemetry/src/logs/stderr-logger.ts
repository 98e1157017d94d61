import type { Logger } from "@snakepit/core";

/**
 * The logger of those who gave none: a line on stderr for each record. What a worker printed stands there as it
 * printed it, after the worker's id; records of the level debug that are not a worker's are left out.
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
