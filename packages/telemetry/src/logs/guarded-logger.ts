import { type Logger, thrownMessage, watchReturned } from "@snakepit/core";

/**
 * Returns a logger that never throws. The first error of `logger`, or of a promise that it returns, is reported as a
 * process warning.
 *
 * @param redact masks the secrets in the message of the error, which may contain a record.
 */
export function guardedLogger(logger: Logger, redact: (text: string) => string): Logger {
  let failed = false;
  const report = (thrown: unknown) => {
    if (failed) return;
    failed = true;
    process.emitWarning(`the logger failed and records are lost: ${redact(thrownMessage(thrown))}`, "SnakepitWarning");
  };
  const guard = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      const returned: unknown = logger[level](facts, message);
      if (returned !== undefined) watchReturned(returned, report);
    } catch (thrown) {
      report(thrown);
    }
  };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}
