import type { Logger } from "@snakepit/core";

/**
 * Returns a logger that never throws. The first error of `logger` is reported as a process warning.
 *
 * @param redact masks the secrets in the message of the error, which may contain a record.
 */
export function guardedLogger(logger: Logger, redact: (text: string) => string): Logger {
  let failed = false;
  const guard = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      logger[level](facts, message);
    } catch (thrown) {
      if (failed) return;
      failed = true;
      process.emitWarning(`the logger failed and records are lost: ${redact(String(thrown))}`, "SnakepitWarning");
    }
  };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}
