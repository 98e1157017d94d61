import type { Logger } from "@snakepit/core";

/** Keeps what a logger throws away from whoever logs; the first error becomes a warning of the process. */
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
