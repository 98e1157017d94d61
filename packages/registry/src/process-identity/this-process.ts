import { type ProcessIdentity, SnakepitError } from "@snakepit/core";
import { processStartTime } from "./process-start-time.ts";

/** The identity of the process that asks. */
export function thisProcess(): ProcessIdentity {
  const startTime = processStartTime(process.pid);
  if (startTime === undefined) {
    throw new SnakepitError(
      "INTERNAL",
      `the start time of this process (pid ${process.pid}) cannot be read; is /proc mounted?`,
    );
  }
  return { pid: process.pid, startTime };
}
