import type { Logger } from "@snakepit/core";

/** A record that a {@link recordingLogger} has received. */
export interface LogRecord {
  readonly level: keyof Logger;
  readonly facts: object;
  readonly message: string;
}

/** A logger that keeps its records. */
export function recordingLogger(): Logger & { readonly records: LogRecord[] } {
  const records: LogRecord[] = [];
  const writer = (level: keyof Logger) => (facts: object, message: string) => {
    records.push({ level, facts, message });
  };
  return { records, debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}
